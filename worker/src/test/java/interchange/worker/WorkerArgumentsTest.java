package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerArgumentsTest {
    private static WorkerArguments parse(String... more) {
        List<String> all = new ArrayList<>(
                List.of("--connection", "/c", "--block-token", "t", "--cores", "4", "--memory", "1000"));
        all.addAll(List.of(more));
        return WorkerArguments.parse(all);
    }

    @Test
    void theFirstWorkerOfAPlaceHasNoneBefore() {
        assertThat(parse("--start", "1", "--elapsed", "0").earlierFenced()).isFalse();
        assertThat(parse().remainingSeconds()).isEqualTo(-1);
    }

    @Test
    void howTheWorkerBeforeEndedSaysWhetherItWasFenced() {
        assertThat(parse("--start", "2", "--before", "75").earlierFenced()).isTrue();
        assertThat(parse("--start", "2", "--before", "137").earlierFenced()).isFalse();
    }

    @Test
    void whatHasPassedOfTheBlocksTimeIsTakenOff() {
        assertThat(parse("--remaining", "100", "--elapsed", "30").remainingSeconds())
                .isEqualTo(70);
        assertThat(parse("--remaining", "100", "--elapsed", "130").remainingSeconds())
                .isZero();
    }

    @Test
    void theBatchSystemsNameOfTheNodeIsTaken() {
        assertThat(parse("--host", "n1").host()).contains("n1");
        assertThat(parse().host()).isEmpty();
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThatThrownBy(() -> parse("--cores", "0")).hasMessage("--cores must be at least 1, not 0");
        assertThatThrownBy(() -> parse("--before", "soon")).hasMessage("--before must be a number, not 'soon'");
        assertThatThrownBy(() -> parse("--colour", "red")).hasMessage("unknown argument: --colour");
        assertThatThrownBy(() -> parse("--start")).hasMessage("--start needs a value");
    }
}
