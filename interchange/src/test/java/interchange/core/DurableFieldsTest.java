package interchange.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody adds a field to the scheduler's state without deciding whether a crash may cost it. */
class DurableFieldsTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                State.class,
                Run.class,
                Worker.class,
                Block.class,
                SiteState.class,
                Attempt.class,
                ReadyQueue.class,
                Limit.class,
                Limits.class,
                Outbox.class,
                Matcher.class,
                Stopping.class,
                Looks.class,
                Nodes.class,
                Scheduler.class
            })
    void everyFieldIsEitherDurableOrFleeting(Class<?> type) {
        List<String> undecided = Arrays.stream(type.getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic())
                .filter(field -> !isPartOfTheScheduler(field))
                .filter(field -> field.isAnnotationPresent(Durable.class) == field.isAnnotationPresent(Fleeting.class))
                .map(Field::getName)
                .toList();
        assertThat(undecided).isEmpty();
    }

    /** References from one part to another hold no state of their own. */
    private static boolean isPartOfTheScheduler(Field field) {
        return List.of(
                        State.class,
                        Matcher.class,
                        JobFlow.class,
                        AttemptFlow.class,
                        WorkerFlow.class,
                        BlockFlow.class,
                        Looks.class,
                        Elasticity.class,
                        Demand.class,
                        Stopping.class,
                        Explanation.class)
                .contains(field.getType());
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                JobFlow.class,
                AttemptFlow.class,
                WorkerFlow.class,
                BlockFlow.class,
                Elasticity.class,
                Demand.class,
                Explanation.class
            })
    void rulesHoldNoStateOfTheirOwn(Class<?> type) {
        List<String> state = Arrays.stream(type.getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .filter(field -> !Modifier.isFinal(field.getModifiers()))
                .map(Field::getName)
                .toList();
        assertThat(state).isEmpty();
    }
}
