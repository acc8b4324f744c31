package interchange.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real processes and the real keeper, as a batch system would run them; stand-ins are only the workers. */
class BlockScriptTest {
    private static final Path KEEPER =
            Path.of("..", "worker", "src", "main", "resources", "interchange", "worker", "keeper.sh");

    private static final String RECORD = "echo \"$@\" >args; ";

    @TempDir
    private Path home = Path.of("");

    private final String token = "b" + Long.toString(System.nanoTime(), 36);
    private Path directory = Path.of("");

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectory(home.resolve("it's a \"block\" of $HOME"));
        Files.copy(KEEPER, directory.resolve("keeper.sh"));
    }

    @AfterEach
    void killWhatIsLeft() throws IOException {
        for (int start = 0; start < 3; start++) {
            Processes.carrying(carried(start)).forEach(Processes::kill);
        }
    }

    private String carried(int start) {
        return "INTERCHANGE_BLOCK_TOKEN=" + token + "." + start + ".";
    }

    /** @param worker shell commands, in the block's directory, with the worker's arguments */
    private BlockRequest request(BlockTerms terms, String worker) {
        return new BlockRequest(
                1,
                token,
                terms,
                List.of(),
                directory,
                List.of("sh", "-c", "cd \"$BLOCK_DIR\"; " + worker, "stand in's name"));
    }

    private static BlockTerms terms(int workerCores, int workerMemoryMiB, String prefix) {
        return new BlockTerms(
                "here",
                1,
                0,
                0,
                Duration.ofSeconds(100),
                "",
                "",
                "",
                "",
                Optional.empty(),
                false,
                List.of("#SITE --licenses=sps"),
                prefix,
                workerCores,
                workerMemoryMiB,
                "");
    }

    private Process start(BlockTerms terms, String worker, Map<String, String> environment) throws IOException {
        Path script = new BlockScript(List.of("#SITE --time=1"), "here").write(request(terms, worker));
        return run(List.of("sh", script.toString()), environment);
    }

    private Process run(List<String> argv, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(argv);
        builder.environment().put("BLOCK_DIR", directory.toString());
        builder.environment().putAll(environment);
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("output").toFile()))
                .start();
    }

    private static int end(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private String file(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    private void awaitFile(String name) throws Exception {
        Path file = directory.resolve(name);
        Conditions.await(name, () -> Files.exists(file) && Files.size(file) > 0);
    }

    private static final Map<String, String> SLURM = Map.of(
            "SLURMD_NODENAME", "n7", "SLURM_CPUS_ON_NODE", "1", "SLURM_MEM_PER_NODE", "700", "OMP_NUM_THREADS", "1");

    @Test
    void theScriptHasTheOptionsOfTheSiteBelowItsOwn() {
        String text = new BlockScript(List.of("#SITE --time=1"), "srun").text(request(terms(2, 0, ""), "true"));

        assertThat(text).startsWith("#!/bin/sh\n#SITE --time=1\n#SITE --licenses=sps\nexec sh '");
        assertThat(text).contains("block.sh' 'srun' '").contains(" '1' '100' '2' '0' '--' 'sh' '-c' ");
    }

    @Test
    void workerOffersWhatIsAllocatedUnderTheNodesNameInTheBatchSystem() throws Exception {
        int code = end(start(terms(0, 0, ""), RECORD, SLURM));

        assertThat(code).isZero();
        assertThat(file("args"))
                .contains("--rank 0 --block-restarts 0 --host n7 --cores 1 --memory 700 --remaining ")
                .containsPattern("--remaining (9[0-9]|100) --start 1 ");
        assertThat(file("block.log")).contains("start 0 of block " + token, "all its workers have left in order");
    }

    @Test
    void workerOffersNoMoreThanTheSiteSays() throws Exception {
        end(start(terms(1, 300, ""), RECORD, Map.of("SLURM_CPUS_ON_NODE", "64", "SLURM_MEM_PER_CPU", "1000")));

        assertThat(file("args")).contains("--cores 1 --memory 300 ");
    }

    @Test
    void workerOffersNoMoreThanTheMachineHas() throws Exception {
        Map<String, String> much =
                Map.of("SLURM_CPUS_ON_NODE", "4096", "SLURM_MEM_PER_NODE", "2000000000", "OMP_NUM_THREADS", "1");

        end(start(terms(0, 0, ""), RECORD, much));

        int processors = Runtime.getRuntime().availableProcessors();
        assertThat(file("args")).contains("--cores " + processors + " ").doesNotContain("--memory 2000000000");
    }

    @Test
    void termReachesTheWorkerWhichLeavesInOrder() throws Exception {
        Process block = start(
                terms(0, 0, ""), "trap 'echo told >told; exit 0' TERM; echo >up; while :; do sleep 0.1; done", SLURM);
        awaitFile("up");
        block.destroy();

        assertThat(end(block)).isZero();
        assertThat(file("told")).isEqualTo("told\n");
        assertThat(file("block.log")).contains("told to end", "it was told to, and all its workers have left");
    }

    /** LSF does so when the time is over, and with INT for a bkill. */
    @Test
    void aSignalToTheWholeProcessGroupEndsAllInOrder() throws Exception {
        for (String signal : List.of("USR2", "INT")) {
            Files.deleteIfExists(directory.resolve("up"));
            Files.deleteIfExists(directory.resolve("told"));
            Path script = new BlockScript(List.of(), "here")
                    .write(request(
                            terms(0, 0, ""),
                            "trap 'echo told >told; exit 0' TERM; echo >up; while :; do sleep 0.1; done"));
            // Whoever runs the tests in the background of a shell has INT ignored, which no trap can change.
            Process block = run(List.of("setsid", "env", "--default-signal", "sh", script.toString()), SLURM);
            awaitFile("up");
            new ProcessBuilder("sh", "-c", "kill -s \"$0\" -- \"-$1\"", signal, String.valueOf(block.pid()))
                    .start()
                    .waitFor();

            assertThat(end(block)).as(signal).isZero();
            assertThat(file("told")).as(signal).isEqualTo("told\n");
        }
    }

    @Test
    void workerThatCannotStartMakesTheBlockFailInWords() throws Exception {
        assertThat(end(start(terms(0, 0, ""), "echo no java here; exit 7", SLURM)))
                .isEqualTo(1);

        assertThat(file("block.log"))
                .contains("ends with exit code 1")
                .containsPattern("worker.0.log ends: .*no java here");
        assertThat(file("worker.0.log")).contains("giving up");
    }

    @Test
    void anotherStartOfTheBlockKillsWhatTheOneBeforeLeftAndNothingElse() throws Exception {
        String leaving = "setsid sleep 1000 & echo $! >>left; ";
        end(start(terms(0, 0, ""), "setsid env -i sleep 1000 & echo $! >>left; kill -9 $PPID; " + leaving, SLURM));
        List<Long> left = new ArrayList<>();
        Conditions.await("what the first start leaves", () -> {
            left.clear();
            file("left").lines().map(Long::parseLong).forEach(left::add);
            return left.size() == 2;
        });
        assertThat(left).noneMatch(Processes::isOver);
        // Another node of the same start, which may be on the same machine.
        Process sibling = new ProcessBuilder("env", carried(1), "sleep", "1000").start();

        end(start(terms(0, 0, ""), RECORD, SLURM));

        assertThat(left).allMatch(Processes::isOver);
        assertThat(sibling.isAlive()).isTrue();
        sibling.destroyForcibly();
        assertThat(file("args")).contains("--block-restarts 1 ").contains("--start 1 ");
    }

    /** As for what is stuck in the kernel: here it belongs to somebody else. */
    @Test
    void theNextStartWaitsForWhatCannotBeKilled() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root can run it as another");
        end(start(terms(0, 0, ""), "true", SLURM));
        Files.copy(directory.resolve("start.0"), directory.resolve("start.1"));
        Path parent = Objects.requireNonNull(directory.getParent());
        end(run(
                List.of(
                        "sh",
                        "-c",
                        "chmod a+rx \"$0\"; chown -R 65534 \"$1\"",
                        parent.toString(),
                        directory.toString()),
                SLURM));
        String mark = "8$(printf %010d \"$(printf %s \"$0\" | cksum | cut -d ' ' -f 1)\")00000000";
        Process stuck = run(List.of("sh", "-c", "exec prlimit --rttime=" + mark + " sleep 1000", token + ".0."), SLURM);
        Conditions.await(
                "its mark",
                () -> Files.readString(Path.of("/proc/" + stuck.pid() + "/limits"))
                        .contains(" 8"));

        Process next = run(
                List.of(
                        "setpriv",
                        "--reuid=65534",
                        "--clear-groups",
                        "sh",
                        directory.resolve("node.sh").toString(),
                        "1"),
                Map.of("SLURMD_NODENAME", "n7"));
        Conditions.await("a word", () -> file("output").contains("would not die, waiting for: " + stuck.pid()));
        assertThat(file("output")).doesNotContain("offers");
        stuck.destroyForcibly();

        assertThat(end(next)).isZero();
        assertThat(file("output")).contains("all that an earlier start left is dead");
    }

    @Test
    void aNodeIsStartedOnceAndTakesTheFirstRankThatIsFree() throws Exception {
        end(start(terms(0, 0, ""), "echo \"$@\" >>args", SLURM));
        List<String> again = List.of("sh", directory.resolve("node.sh").toString(), "0");

        assertThat(end(run(again, SLURM))).isZero();
        assertThat(end(run(again, Map.of("SLURMD_NODENAME", "n8")))).isZero();
        assertThat(end(run(again, Map.of("SLURMD_NODENAME", "n9", "SLURM_PROCID", "5"))))
                .isZero();

        assertThat(file("output")).contains("node n7: is started already");
        assertThat(file("args").lines().map(line -> line.replaceAll(" --block-restarts.*--host| --cores.*", "")))
                .containsExactly("--rank 0 n7", "--rank 1 n8", "--rank 5 n9");
    }

    @Test
    void thePrefixOfTheSiteIsForItsWorkersToo() throws Exception {
        String prefix = "export MODULE=loaded\n[[ $MODULE == loaded ]] || exit 9";

        assertThat(end(start(terms(0, 0, prefix), "echo \"$MODULE\" >module; " + RECORD, SLURM)))
                .isZero();

        assertThat(file("module")).isEqualTo("loaded\n");
        assertThat(file("args")).contains("--host n7 ");
        assertThat(file("block.log")).doesNotContain("prefix ended");
    }

    @Test
    void startsThatTheBatchSystemCountsAndThatNeverCameToTheScriptCount() throws Exception {
        Map<String, String> requeued = new HashMap<>(SLURM);
        requeued.put("SLURM_RESTART_COUNT", "3");

        end(start(terms(0, 0, ""), RECORD, requeued));

        assertThat(file("args")).contains("--block-restarts 3 ");
    }

    /** Each of them would make the step smaller than the allocation, or be refused beside what we say. */
    @Test
    void srunSeesNothingOfWhatTheBlockWasAskedForWith() throws Exception {
        Path commands = Files.createDirectory(home.resolve("bin"));
        Path srun = Files.writeString(commands.resolve("srun"), "#!/bin/sh\nenv | grep ^SLURM_ >\"$BLOCK_DIR/seen\"\n");
        srun.toFile().setExecutable(true);
        Path script = new BlockScript(List.of(), "srun").write(request(terms(0, 0, ""), "true"));
        Map<String, String> asked = new HashMap<>(Map.of("PATH", commands + ":/usr/bin:/bin", "SLURM_JOB_ID", "1"));
        for (String name : List.of("CPUS_PER_TASK", "TRES_PER_TASK", "NTASKS_PER_GPU", "HINT", "MEM_PER_NODE")) {
            asked.put("SLURM_" + name, "1");
        }

        end(run(List.of("sh", script.toString()), asked));

        assertThat(file("seen").lines()).containsExactly("SLURM_JOB_ID=1");
    }

    @Test
    void aLoginProfileThatStartsAnotherShellIsSaid() throws Exception {
        Path login = Files.createDirectory(home.resolve("user"));
        Files.writeString(login.resolve(".bash_profile"), "exec sh\n");
        Map<String, String> environment = new HashMap<>(SLURM);
        environment.put("HOME", login.toString());

        assertThat(end(start(terms(0, 0, "true"), RECORD, environment))).isEqualTo(1);

        assertThat(file("block.log")).contains("rank 0 came to no worker", "exec in ~/.bash_profile?");
    }

    /** As pbsdsh of OpenPBS: the block waits for the keeper, not for what reached its node. */
    @Test
    void aWayThatFailsWhenItIsToldToEndFailsNoNodeThatLeavesInOrder() throws Exception {
        Path commands = Files.createDirectory(home.resolve("bin"));
        Path pbsdsh = Files.writeString(
                commands.resolve("pbsdsh"), "#!/bin/sh\ntrap 'kill $!; exit 1' TERM\nshift 3\nsetsid \"$@\" &\nwait\n");
        pbsdsh.toFile().setExecutable(true);
        Path nodes = Files.writeString(home.resolve("nodes"), "n1\nn2\n");
        String worker = "trap 'sleep 1; echo >left.$$; exit 0' TERM; echo >up.$$; while :; do sleep 0.1; done";
        Path script = new BlockScript(List.of(), "pbs").write(request(terms(1, 0, ""), worker));
        Process block = run(
                List.of("sh", script.toString()),
                Map.of("PBS_NODEFILE", nodes.toString(), "PATH", commands + ":" + System.getenv("PATH")));
        Conditions.await("two workers", () -> count("up.") == 2);
        block.destroy();

        assertThat(end(block)).isZero();
        assertThat(count("left.")).isEqualTo(2);
    }

    private long count(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(prefix))
                    .count();
        }
    }

    @Test
    void aPrefixThatFailsIsSaid() throws Exception {
        assertThat(end(start(terms(0, 0, "false"), RECORD, SLURM))).isZero();
        assertThat(end(start(terms(0, 0, "exit 9"), RECORD, SLURM))).isEqualTo(9);

        assertThat(file("block.log"))
                .contains("node n7: the command prefix ended with exit code 1")
                .contains("node n7: the command prefix ended the shell");
    }
}
