package interchange.worker.warm;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.worker.process.Bench;
import interchange.worker.process.Ended;
import interchange.worker.process.Environment;
import interchange.worker.process.JobProcess;
import interchange.worker.process.Launch;
import interchange.worker.process.Spawner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real templates of a real Python, and scripts of a few lines. */
class WarmTest {
    private static final String PYTHON = "/usr/bin/python3";

    @TempDir
    Path directory;

    private final Queue<Ended> ends = new ConcurrentLinkedQueue<>();
    private final Map<JobProcess, Ended> ended = new HashMap<>();
    private final Spawner spawner = Bench.spawner();
    private Optional<Warm> made = Optional.empty();
    private int tokens;
    private int losses;

    @BeforeEach
    void start() {
        Bench.endsGoTo(ends::add);
        made = Optional.of(Bench.warm(directory));
        warm().settings("here", List.of("tool"), "");
    }

    @AfterEach
    void leave() {
        warm().leave();
        Bench.await(() -> !isAlive() && Bench.nothingRuns());
        warm().close();
        assertThat(directory.toFile().listFiles((in, name) -> name.startsWith("interchange-warm-")))
                .isEmpty();
    }

    private void takeEnds() {
        for (Ended end = ends.poll(); end != null; end = ends.poll()) {
            losses += warm().isLoss(end) ? 1 : 0;
            if (!warm().ended(end)) {
                ended.put(end.process(), end);
            }
        }
    }

    private boolean isAlive() {
        takeEnds();
        return warm().isAlive();
    }

    private Warm warm() {
        return made.orElseThrow();
    }

    private void tool(String... lines) throws IOException {
        Path file = directory.resolve("tool");
        Files.writeString(file, "#!" + PYTHON + "\n" + String.join("\n", lines) + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Launch launch(String command, Map<String, String> variables) {
        String token = "warm/" + tokens;
        var over = new HashMap<>(variables);
        over.put(Launch.TOKEN, token);
        over.put("INTERCHANGE_JOB", "job" + tokens);
        return new Launch(
                List.of("/bin/bash", "-c", command),
                new Environment(Map.of("PATH", directory + ":/usr/bin:/bin", "LANG", "C.UTF-8", "WHO", "you")),
                over,
                directory.toString(),
                directory.resolve("logs/out" + tokens).toString(),
                directory.resolve("logs/err" + tokens++).toString(),
                token);
    }

    private Launch launch(String command) {
        return launch(command, Map.of());
    }

    /** Once the template is there. */
    private JobProcess warmly(Launch launch) {
        var forks = new ArrayList<JobProcess>();
        Bench.await(() -> {
            takeEnds();
            warm().start(launch, false).ifPresent(forks::add);
            warm().look(System.nanoTime(), 0);
            return !forks.isEmpty();
        });
        return forks.getFirst();
    }

    private boolean startsWarm(Launch launch) {
        takeEnds();
        boolean warmly = warm().start(launch, false).isPresent();
        warm().look(System.nanoTime(), 0);
        return warmly;
    }

    private Ended end(JobProcess process) {
        Bench.await(() -> {
            takeEnds();
            return ended.containsKey(process);
        });
        return Optional.ofNullable(ended.get(process)).orElseThrow();
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of(file));
    }

    @Test
    void aJobIsAForkOfTheTemplateWithItsOwnArgumentsVariablesAndFiles() throws Exception {
        tool(
                "import os, sys",
                "print(sys.argv, os.environ['INTERCHANGE_JOB'], os.getcwd(), os.environ['WHO'])",
                "print('to the other', file=sys.stderr)",
                "sys.exit(int(sys.argv[1]))");
        Launch launch = launch("tool 7 \"$WHO's\"");

        Ended end = end(warmly(launch));

        assertThat(end.exitCode()).isEqualTo(7);
        assertThat(end.process().isWarm()).isTrue();
        assertThat(read(launch.stdout()))
                .isEqualTo("['" + directory + "/tool', '7', \"you's\"] job0 " + directory + " you\n");
        assertThat(read(launch.stderr())).isEqualTo("to the other\n");
    }

    @Test
    void whatIsNotOnTheListOrNotOneSimpleCommandStartsCold() throws Exception {
        tool("pass");
        end(warmly(launch("tool")));

        assertThat(startsWarm(launch("tool; tool"))).isFalse();
        assertThat(startsWarm(launch("true"))).isFalse();
        warm().settings("here", List.of(), "");
        assertThat(startsWarm(launch("tool"))).isFalse();
    }

    @Test
    void aTemplateThatIsKilledCostsOneColdStartAndItsForksGoOn() throws Exception {
        tool(
                "import os, sys, time",
                "print(os.getppid(), flush=True)",
                "time.sleep(float(sys.argv[1]))",
                "sys.exit(9)");
        JobProcess running = warmly(launch("tool 3"));
        int template = templateOf();

        new ProcessBuilder("/bin/kill", "-KILL", String.valueOf(template)).start();
        Bench.await(() -> !ProcessHandle.of(template).isPresent());

        assertThat(startsWarm(launch("tool 0"))).isFalse();
        assertThat(end(warmly(launch("tool 0"))).exitCode()).isEqualTo(9);
        assertThat(end(running).exitCode()).isEqualTo(9);
        leave();
        // Those that we have ended are none.
        assertThat(losses).isEqualTo(1);
        start();
    }

    /** The one child of ours that runs a template. */
    private static int templateOf() {
        return (int) ProcessHandle.current()
                .children()
                .filter(child -> child.info().commandLine().orElse("").contains(".line"))
                .findFirst()
                .orElseThrow()
                .pid();
    }

    @Test
    void aTemplateThatHangsCostsSomeSecondsAndOneColdStart() throws Exception {
        tool("pass");
        end(warmly(launch("tool")));
        int template = templateOf();

        new ProcessBuilder("/bin/kill", "-STOP", String.valueOf(template))
                .start()
                .waitFor();

        long before = System.nanoTime();
        assertThat(startsWarm(launch("tool"))).isFalse();
        assertThat(System.nanoTime() - before).isGreaterThan(TimeUnit.SECONDS.toNanos(1));
        assertThat(end(warmly(launch("tool"))).exitCode()).isZero();
        assertThat(ProcessHandle.of(template)).isEmpty();
    }

    @Test
    void aTemplateThatLooksForLongIsNotWaitedFor() throws Exception {
        Path slow = directory.resolve("slow");
        tool("import slowly", "print('run')");
        Files.writeString(
                directory.resolve("slowly.py"),
                "import os, time\nreal = os.stat\ndef stat(*path, **more):\n"
                        + "    if os.access('" + slow + "', os.F_OK): time.sleep(0.1)\n"
                        + "    return real(*path, **more)\nos.stat = stat\n");
        end(warmly(launch("tool")));
        int template = templateOf();
        Files.createFile(slow);
        Thread.sleep(1_100);

        assertThat(startsWarm(launch("tool"))).isFalse();
        long begun = System.nanoTime();
        assertThat(startsWarm(launch("tool"))).isFalse();
        assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.MILLISECONDS.toNanos(500));
        Files.delete(slow);

        JobProcess job = warmly(launch("tool"));
        assertThat(end(job).exitCode()).isZero();
        assertThat(templateOf()).isEqualTo(template);
    }

    @Test
    void aTemplateIsMadeAnewWhenTheScriptHasChanged() throws Exception {
        tool("print('before')");
        end(warmly(launch("tool")));
        tool("print('after!')");
        Thread.sleep(1500);
        Launch launch = launch("tool");

        end(warmly(launch));

        assertThat(read(launch.stdout())).isEqualTo("after!\n");
    }

    @Test
    void thePrefixRunsOnceAndWhatItSetsIsThere() throws Exception {
        tool("import os", "print(os.environ['SET_UP'])");
        warm().settings("here", List.of("tool"), "echo hello >>" + directory + "/runs\nexport SET_UP=here");
        String command = "echo hello >>" + directory + "/runs\nexport SET_UP=here\ntool";
        end(warmly(launch(command)));
        Launch second = launch(command);

        end(warmly(second));

        assertThat(read(second.stdout())).isEqualTo("here\n");
        assertThat(read(directory + "/runs")).isEqualTo("hello\n");
    }

    @Test
    void aPrefixThatDoesMoreThanSetVariablesMeansCold() throws Exception {
        tool("pass");
        for (String prefix : List.of(
                "set -e",
                "cd /tmp",
                "trap 'echo bye' EXIT",
                "exec 2>&1",
                "true &&",
                "echo a |",
                "sleep 1 &",
                "tool() { :; }",
                "export X=$INTERCHANGE_JOB",
                "(")) {
            warm().settings("here", List.of("tool"), prefix);
            Launch launch = launch(prefix + "\ntool");
            assertThat(startsWarm(launch)).as(prefix).isFalse();
            Bench.await(() -> !isAlive());
            assertThat(startsWarm(launch)).as(prefix).isFalse();
        }
    }

    @Test
    void aScriptThatIsNoPythonMeansCold() throws Exception {
        Path file = directory.resolve("tool");
        Files.writeString(file, "#!/bin/sh\necho shell\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();

        assertThat(startsWarm(launch("tool"))).isFalse();
        Bench.await(() -> !isAlive());

        assertThat(startsWarm(launch("tool"))).isFalse();
        assertThat(isAlive()).isFalse();
    }

    @Test
    void variablesThatImportingMayReadMakeAnotherTemplate() throws Exception {
        tool("import os", "print(os.environ.get('THREADS'))");
        Launch one = launch("tool", Map.of("THREADS", "1"));
        Launch two = launch("tool", Map.of("THREADS", "2"));

        end(warmly(one));
        assertThat(startsWarm(two)).isFalse();
        end(warmly(two));

        assertThat(read(one.stdout())).isEqualTo("1\n");
        assertThat(read(two.stdout())).isEqualTo("2\n");
    }

    @Test
    void whatAForkImportedIsImportedAheadByTheNextTemplate() throws Exception {
        tool("import sys", "ahead = 'asyncio' in sys.modules", "import asyncio", "print(ahead)");
        Launch first = launch("tool");
        end(warmly(first));
        assertThat(read(first.stdout())).isEqualTo("False\n");
        Bench.await(() -> {
            Launch next = launch("tool");
            try {
                end(warmly(next));
                return read(next.stdout()).equals("True\n");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aTemplateGrowsAndItsForksAreSafeFromTheEndsOfOthers() throws Exception {
        tool("import base", "print('run')", "import asyncio");
        Path imports = directory.resolve("imports");
        Files.writeString(
                directory.resolve("base.py"), "with open('" + imports + "', 'a') as f:\n    f.write('imported\\n')\n");
        end(warmly(launch("tool")));
        int before = templateOf();
        // It says what the one before has imported.
        end(warmly(launch("tool")));
        Bench.await(() -> {
            takeEnds();
            warm().look(System.nanoTime(), 0);
            return ProcessHandle.of(before).isEmpty();
        });

        int grown = templateOf();
        for (int i = 0; i < 100; i++) {
            JobProcess other = spawner.start(launch("exit 0"));
            Launch launch = launch("tool");
            takeEnds();
            Optional<JobProcess> fork = warm().start(launch, false);
            assertThat(fork).isPresent();
            assertThat(end(fork.get()).signal()).isZero();
            assertThat(read(launch.stdout())).isEqualTo("run\n");
            end(other);
        }
        assertThat(templateOf()).isEqualTo(grown);
        // By the first template, and by nobody else.
        assertThat(imports).hasContent("imported");
    }

    @Test
    void aNewWorkerMakesTheTemplatesThatTheJobsOfItsSiteHadLast() throws Exception {
        tool("pass");
        end(warmly(launch("tool")));
        leave();
        start();
        warm().look(System.nanoTime(), 0);
        assertThat(isAlive()).isTrue();

        Bench.await(() -> {
            takeEnds();
            warm().look(System.nanoTime(), 0);
            return startsWarm(launch("tool"));
        });
        assertThat(directory.resolve("lists").toFile().listFiles((in, name) -> name.endsWith(".recipe")))
                .hasSize(1);
        leave();
        made = Optional.of(Bench.warm(directory));
        warm().settings("another", List.of("tool"), "");
        warm().look(System.nanoTime(), 0);
        assertThat(isAlive()).isFalse();
    }

    @Test
    void aWorkerThatLeavesMakesNoTemplateAnyMore() throws Exception {
        tool("pass");
        end(warmly(launch("tool")));
        assertThat(startsWarm(launch("tool $NONE"))).isFalse();

        warm().leave();
        warm().look(System.nanoTime(), 0);

        Bench.await(() -> !isAlive());
        warm().look(System.nanoTime() + TimeUnit.HOURS.toNanos(1), 0);
        assertThat(isAlive()).isFalse();
    }

    @Test
    void variablesThatASubmissionSetsByTheShellAreSetOnce() throws Exception {
        tool("import os", "print(os.environ['FULL'])");
        Launch launch = launch("export FULL=\"$WHO and more\"\ntool");

        end(warmly(launch));

        assertThat(read(launch.stdout())).isEqualTo("you and more\n");
    }

    @Test
    void variablesThatDifferFromAttemptToAttemptAreSetInItsFork() throws Exception {
        tool("import os, sys", "print(os.environ['OF'], os.environ['BOTH'], os.environ['FULL'], *sys.argv[1:])");
        String command = "export OF=\"the ${INTERCHANGE_JOB}\"\nexport FULL=\"\\$INTERCHANGE_JOB $WHO\"\n"
                + "export BOTH=\"$OF of $WHO\"\ntool $OF \"$BOTH\"";
        List<Launch> launches = List.of(launch(command), launch(command));
        for (Launch launch : launches) {
            String job = launch.over().get("INTERCHANGE_JOB");
            end(spawner.start(launch));
            String cold = read(launch.stdout());
            assertThat(cold)
                    .isEqualTo(
                            "the %1$s the %1$s of you $INTERCHANGE_JOB you the %1$s the %1$s of you\n".formatted(job));

            end(warmly(launch));

            assertThat(read(launch.stdout())).isEqualTo(cold);
        }
        // Where the order matters, or what importing reads depends on it.
        for (String other : List.of(
                "export PATH=\"$PATH:/$INTERCHANGE_JOB\"",
                "export A=\"$INTERCHANGE_JOB\"\nexport A=\"b\"",
                "export A=\"$B of $INTERCHANGE_JOB\"\nexport B=\"b\"",
                "export A=\"$RANDOM\"\nexport A=\"b\"",
                "export OMP_NUM_THREADS=\"${INTERCHANGE_CORES}\"",
                "export A=\"INTERCHANGE_JOB\"\nexport B=\"${!A}$INTERCHANGE_JOB\"",
                "export LC_X=\"$INTERCHANGE_JOB\"")) {
            assertThat(startsWarm(launch(other + "\ntool"))).as(other).isFalse();
        }
        assertThat(startsWarm(launch("export OF=\"\" BOTH=\"\" FULL=\"\"\ntool")))
                .isFalse();
    }

    /** In each fork, which refuses it, since each has a shell of its own when it starts cold. */
    @Test
    void whatAShellSaysOfItselfIsNotSharedByForks() throws Exception {
        tool("pass");
        end(warmly(launch("tool")));
        assertThat(startsWarm(launch("export SEED=\"${RANDOM} $$\"\ntool"))).isFalse();
        assertThat(startsWarm(launch("tool"))).isTrue();
    }

    @Test
    void aPackageThatIsUpgradedWhileJobsRunIsTheNewOneFromThenOn() throws Exception {
        Path stack = Files.createDirectory(directory.resolve("package"));
        Files.writeString(stack.resolve("__init__.py"), "");
        Files.writeString(stack.resolve("inner.py"), "version = 'one'\n");
        tool("import sys, time, package.inner as i", "time.sleep(float(sys.argv[1]))", "print(i.version)");
        end(warmly(launch("tool 0")));
        Launch before = launch("tool 1.5");
        JobProcess running = warmly(before);

        // As pip does it: another directory takes the place of the first.
        Files.move(stack, directory.resolve("~ackage"));
        Files.createDirectory(stack);
        Files.writeString(stack.resolve("__init__.py"), "");
        Files.writeString(stack.resolve("inner.py"), "version = 'two'\n");
        Launch after = launch("tool 0");
        end(warmly(after));
        Thread.sleep(1_100);
        Launch later = launch("tool 0");
        end(warmly(later));
        end(running);

        assertThat(read(before.stdout())).isEqualTo("one\n");
        assertThat(read(later.stdout())).isEqualTo("two\n");
    }

    @Test
    void aTemplateThatRunsOutOfMemoryCostsColdStarts() throws Exception {
        String limit = "ulimit -v 400000";
        Files.writeString(directory.resolve("large.py"), "kept = bytearray(1 << 30)\n");
        tool(
                "import sys",
                "sys.path.insert(0, '" + directory + "')",
                "if len(sys.argv) > 1:",
                "    import large",
                "print('done')");
        warm().settings("here", List.of("tool"), limit);
        Launch small = launch(limit + "\ntool");
        end(warmly(small));
        assertThat(read(small.stdout())).isEqualTo("done\n");

        Launch large = launch(limit + "\ntool large");
        end(spawner.start(large));
        String cold = read(large.stderr());
        assertThat(cold).endsWith("MemoryError\n");
        Ended end = end(warmly(large));

        assertThat(end.exitCode()).isEqualTo(1);
        assertThat(read(large.stderr())).isEqualTo(cold);
        end(warmly(launch(limit + "\ntool")));
    }

    @Test
    void aModuleThatEndsTheTemplateIsNotImportedAheadForEver() throws Exception {
        tool("import sys", "import late");
        Files.writeString(
                directory.resolve("late.py"),
                "import os, sys\nif 'template' in open('/proc/self/cmdline').read(): os._exit(3)\n"
                        + "import asyncio, xml.dom.minidom, email.mime.text, http.client\n");
        tool("import sys", "sys.path.insert(0, '" + directory + "')", "def f():", "    import late", "f()");
        end(warmly(launch("tool")));

        for (int i = 0; i < 3; i++) {
            assertThat(end(warmly(launch("tool"))).exitCode()).isZero();
        }
    }

    @Test
    void aJobThatCanNotBeWarmIsStartedColdAndTheTemplateStays() throws Exception {
        tool("pass");
        end(warmly(launch("tool")));

        assertThat(startsWarm(launch("tool $NO_SUCH_VARIABLE_OF_THE_SHELL"))).isFalse();
        Launch nowhere = launch("tool");
        assertThat(startsWarm(new Launch(
                        nowhere.argv(),
                        nowhere.environment(),
                        nowhere.over(),
                        "/no/such/directory",
                        nowhere.stdout(),
                        nowhere.stderr(),
                        nowhere.token())))
                .isFalse();

        assertThat(startsWarm(launch("tool"))).isTrue();
        Bench.await(() -> {
            takeEnds();
            return ended.size() == 2;
        });
    }

    @Test
    void aColdStartOfTheSameIsTheSame() throws Exception {
        tool(
                "import os, sys",
                "print(sorted(os.environ.items()), os.getcwd(), sys.argv, sys.flags)",
                "print(open('/proc/self/environ').read().count('" + Launch.TOKEN + "=warm/'))");
        Launch launch = launch("tool a");
        end(spawner.start(launch));
        String cold = read(launch.stdout());

        end(warmly(launch));

        assertThat(read(launch.stdout())).isEqualTo(cold);
    }
}
