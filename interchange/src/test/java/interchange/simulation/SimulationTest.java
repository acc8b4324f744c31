package interchange.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Worlds from seeds. {@code -Dsimulation.seeds=N} tries more, {@code -Dsimulation.first=N} others. */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("simulation.seeds", 250);
    /** A real journal is kept in one world of so many. */
    private static final int SEEDS_PER_JOURNAL = 10;

    private static final int FIRST = Integer.getInteger("simulation.first", 0);

    @TempDir
    private Path directory;

    @Test
    void noWorldBreaksAPromise() {
        assertThatNoneBreaks(seed -> new Simulation(seed, journalOf(seed)));
    }

    @Test
    void noWorldBreaksAPromiseWhoseRunsSayAllThatWorkflowsCan() {
        assertThatNoneBreaks(seed -> Simulation.rich(seed, journalOf(seed)));
    }

    private static void assertThatNoneBreaks(IntFunction<Simulation> worlds) {
        List<String> broken = new ArrayList<>();
        int executions = 0;
        int crashes = 0;
        for (int seed = FIRST; seed < FIRST + SEEDS; seed++) {
            Simulation world = worlds.apply(seed);
            try {
                world.run();
            } catch (AssertionError | RuntimeException e) {
                broken.add("seed " + seed + " " + world + ": " + e + at(e));
            }
            executions += world.executions.count();
            crashes += world.daemon.crashes;
        }
        assertThat(broken).as(String.join("\n", broken)).isEmpty();
        assertThat(executions).as("jobs that ran").isGreaterThan(SEEDS);
        assertThat(crashes).as("crashes survived").isPositive();
    }

    @Test
    void whereNothingGoesWrongNoSiteLetsABlockGoAndAsksAgainForNoMoreWork() {
        List<String> wasteful = new ArrayList<>();
        int asked = 0;
        int letGo = 0;
        for (int seed = FIRST; seed < FIRST + SEEDS / 2; seed++) {
            Simulation world = Simulation.kind(seed);
            try {
                world.run();
            } catch (AssertionError | RuntimeException e) {
                wasteful.add("seed " + seed + " " + world + ": " + e + at(e));
            }
            asked += world.thrift.asked();
            letGo += world.thrift.letGo();
        }
        assertThat(wasteful).as(String.join("\n", wasteful)).isEmpty();
        assertThat(asked).as("blocks asked for").isGreaterThan(SEEDS / 2);
        assertThat(letGo).as("blocks let go").isPositive();
    }

    private Optional<Path> journalOf(long seed) {
        return seed % SEEDS_PER_JOURNAL == 0
                ? Optional.of(directory.resolve("seed" + seed + System.nanoTime()))
                : Optional.empty();
    }

    private static String at(Throwable e) {
        for (StackTraceElement frame : e.getStackTrace()) {
            if (frame.getClassName().startsWith("interchange.core")) {
                return " at " + frame;
            }
        }
        return "";
    }

    /** Seeds that once found something stay. */
    @ParameterizedTest
    @ValueSource(longs = {85, 172, 225, 718, 0, 14, 21, 94, 140, 212, 60})
    void worldThatOnceBrokeAPromiseKeepsIt(long seed) {
        new Simulation(seed, journalOf(seed)).run();
    }
}
