package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.AttemptId;
import interchange.core.Effect;
import java.util.List;
import org.junit.jupiter.api.Test;

class BundlesTest {
    private static final long HERE = 7;
    private static final long THERE = 8;
    private static final AttemptId A = new AttemptId(1, 0, 0);
    private static final AttemptId B = new AttemptId(1, 1, 0);
    private static final AttemptId C = new AttemptId(1, 2, 0);

    @Test
    void whatATurnStartsAtASessionIsOneMessageInTheOrderOfDecision() {
        List<Effect> effects = List.of(
                new Effect.Acknowledge(HERE, List.of(A)),
                new Effect.Start(HERE, List.of(B)),
                new Effect.Start(THERE, List.of(A)),
                new Effect.Acknowledge(HERE, List.of(B)),
                new Effect.Start(HERE, List.of(C)));
        assertThat(Bundles.of(effects))
                .containsExactly(
                        new Effect.Acknowledge(HERE, List.of(A, B)),
                        new Effect.Start(HERE, List.of(B, C)),
                        new Effect.Start(THERE, List.of(A)));
    }

    @Test
    void anAttemptThatIsTakenBackIsStartedBeforeAndAnotherAfter() {
        List<Effect> effects = List.of(
                new Effect.Start(HERE, List.of(A)),
                new Effect.Retract(HERE, List.of(A)),
                new Effect.Start(HERE, List.of(B)),
                new Effect.ForgetSession(HERE),
                new Effect.Start(THERE, List.of(C)));
        assertThat(Bundles.of(effects)).isEqualTo(effects);
    }
}
