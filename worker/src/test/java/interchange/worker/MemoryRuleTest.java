package interchange.worker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.proto.worker.Limits.EnforceMemory;
import interchange.proto.worker.Task;
import interchange.worker.process.Bench;
import interchange.worker.process.Clock;
import interchange.worker.process.Environment;
import interchange.worker.process.JobProcess;
import interchange.worker.process.MemoryLook;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In virtual time, of jobs that do not run; who is no more in the list has ended. */
class MemoryRuleTest {
    private static final long MIB = 1024;
    private static final MemoryLook PLENTY = new MemoryLook(8_000 * MIB, 16_000 * MIB);
    private static final MemoryLook SHORT = new MemoryLook(300 * MIB, 16_000 * MIB);
    private static final MemoryLook DANGER = new MemoryLook(100 * MIB, 16_000 * MIB);

    private long nowNanos = TimeUnit.HOURS.toNanos(1);
    private final MemoryRule rule = new MemoryRule(new Clock() {
        @Override
        public long bootNanos() {
            return nowNanos;
        }

        @Override
        public long epochMillis() {
            return TimeUnit.NANOSECONDS.toMillis(nowNanos);
        }
    });
    private final Attempt large = attempt(1, 6_000);
    private final Attempt middle = attempt(2, 3_000);
    private final Attempt small = attempt(3, 2_000);
    private final List<Attempt> running = new ArrayList<>(List.of(small, large, middle));

    private static Attempt attempt(int job, long hasMiB) {
        var attempt = new Attempt(
                new AttemptId(1, job, 0), Task.newBuilder().setMemoryMib(1_000).build(), new Environment(Map.of()));
        JobProcess process = Bench.process(job);
        Bench.seen(process, hasMiB * MIB);
        attempt.started(process, 0);
        return attempt;
    }

    private void enforce(EnforceMemory how) {
        rule.limits(new Limits(how, 100, false, 0));
    }

    /** Whom it has killed, as the jobs do that. */
    private List<Attempt> judge(MemoryLook node) {
        List<Attempt> victims = rule.judge(node, running).stream()
                .map(MemoryRule.Breach::attempt)
                .toList();
        victims.forEach(Attempt::hadKill);
        return victims;
    }

    private void pass(long seconds) {
        nowNanos += TimeUnit.SECONDS.toNanos(seconds);
    }

    @Test
    void whileOneThatWasKilledDoesNotDieTheOthersAreSpared() {
        enforce(EnforceMemory.OBSERVE);
        assertThat(judge(SHORT)).containsExactly(large);
        pass(600);
        assertThat(judge(SHORT)).isEmpty();

        running.remove(large);
        assertThat(judge(SHORT)).containsExactly(middle);
    }

    @Test
    void notBeyondWhatTheNodeStands() {
        enforce(EnforceMemory.OBSERVE);
        assertThat(judge(SHORT)).containsExactly(large);
        assertThat(judge(DANGER)).as("it needs a moment").isEmpty();
        pass(2);
        assertThat(judge(DANGER)).containsExactly(middle);
        assertThat(judge(DANGER)).as("as well").isEmpty();
        pass(2);
        assertThat(judge(SHORT)).isEmpty();
        assertThat(judge(DANGER)).containsExactly(small);
    }

    @Test
    void whoIsKilledForItsMarginIsWaitedForLikewise() {
        enforce(EnforceMemory.ON);
        assertThat(judge(PLENTY)).containsExactlyInAnyOrder(large, middle);
        pass(600);
        assertThat(judge(SHORT)).isEmpty();
    }
}
