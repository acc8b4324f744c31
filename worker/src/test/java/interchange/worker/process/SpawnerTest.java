package interchange.worker.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import interchange.shared.SystemErrors;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpawnerTest {
    @TempDir
    Path directory;

    private Bench bench;

    @BeforeEach
    void setUp() {
        bench = new Bench(directory);
    }

    private String out() throws IOException {
        return Files.readString(directory.resolve("out"));
    }

    @Test
    void aProcessEndsWithItsExitCode() throws Exception {
        Ended end = bench.run(bench.shell("exit 7"));

        assertThat(end.exitCode()).isEqualTo(7);
        assertThat(end.signal()).isZero();
    }

    @Test
    void aProcessEndsWithItsSignal() throws Exception {
        Ended end = bench.run(bench.shell("kill -SEGV $$"));

        assertThat(end.signal()).isEqualTo(11);
        assertThat(end.exitCode()).isZero();
    }

    @Test
    void outputGoesToTheTwoFilesAndInputIsEmpty() throws Exception {
        bench.run(bench.shell("echo one; echo two >&2; cat; pwd"));

        assertThat(out()).isEqualTo("one\n" + directory + "\n");
        assertThat(directory.resolve("err")).hasContent("two\n");
    }

    @Test
    void aStartThatFailsAndIsRepeatedDoesNotUpsetTheReaper() throws Exception {
        Launch plain = bench.shell("exit 3");
        for (int i = 0; i < 200; i++) {
            // The first start of each fails, for its directory is not there yet; the reaper may see its child.
            String log = directory.resolve("new" + i).resolve("log").toString();
            Ended end = bench.run(new Launch(
                    plain.argv(), plain.environment(), plain.over(), plain.directory(), log, log, "again/" + i));

            assertThat(end.exitCode()).isEqualTo(3);
        }
    }

    @Test
    void bothOutputsMayGoToOneFile() throws Exception {
        Launch two = bench.shell("echo one; echo two >&2; echo three");
        bench.run(new Launch(
                two.argv(), two.environment(), two.over(), two.directory(), two.stdout(), two.stdout(), two.token()));

        assertThat(out()).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void nothingIsInheritedButTheThreeStandardDescriptors() throws Exception {
        try (var open = Files.newInputStream(Path.of("/dev/zero"));
                var channels = new GuardedChannels(java.nio.channels.spi.SelectorProvider.provider(), new ForkLock())
                        .openServerSocketChannel()) {
            assertThat(open.read()).isZero();
            assertThat(channels.isOpen()).isTrue();
            bench.run(bench.command("ls", "-1", "/proc/self/fd"));
        }

        // 3 is the directory that ls itself has open.
        assertThat(out().lines()).containsExactly("0", "1", "2", "3");
    }

    @Test
    void nothingIsInheritedWhileOtherThreadsOpenFiles() throws Exception {
        var stop = new java.util.concurrent.atomic.AtomicBoolean();
        Thread opener = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                ProcessStat.attemptToken(1);
                ProcessTable.read(new byte[8192]);
            }
        });
        try {
            for (int i = 0; i < 100; i++) {
                bench.run(bench.command("ls", "-1", "/proc/self/fd"));
                assertThat(out().lines()).containsExactly("0", "1", "2", "3");
            }
        } finally {
            stop.set(true);
            opener.join();
        }
    }

    @Test
    void signalsAreAsInAFreshShell() throws Exception {
        bench.run(bench.shell("grep -E 'Sig(Blk|Ign)' /proc/self/status"));

        assertThat(out()).isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
    }

    @Test
    void eachProcessLeadsASessionOfItsOwn() throws Exception {
        JobProcess process = bench.start(bench.shell("cut -d ' ' -f 5,6 /proc/$$/stat"));
        bench.end(process);

        assertThat(out()).isEqualTo(process.pid() + " " + process.pid() + "\n");
    }

    @Test
    void theEnvironmentIsWhatIsGivenWithTheJobsOwnOverIt() throws Exception {
        var environment =
                new Environment(Map.of("A", "1", "B", "two words\nand \"a line\" = $x", "É", "ü€😀", "EMPTY", ""));
        Launch plain = bench.command("/usr/bin/env", "-0");
        bench.run(new Launch(
                plain.argv(),
                environment,
                Map.of("A", "over", "C", "new"),
                plain.directory(),
                plain.stdout(),
                plain.stderr(),
                plain.token()));

        assertThat(out().split("\0"))
                .containsExactlyInAnyOrder(
                        "A=over",
                        "B=two words\nand \"a line\" = $x",
                        "É=ü€😀",
                        "EMPTY=",
                        "C=new",
                        Launch.TOKEN + "=" + plain.token());
    }

    @Test
    void theFileModeMaskIsThatOfTheSubmittingShell() throws Exception {
        Launch plain = bench.shell("umask");
        bench.run(plain);
        assertThat(out()).isEqualTo("0022\n");

        bench.run(new Launch(
                plain.argv(),
                new Environment(Map.of("INTERCHANGE_UMASK", "0002")),
                plain.over(),
                plain.directory(),
                plain.stdout(),
                plain.stderr(),
                plain.token()));
        assertThat(out()).isEqualTo("0002\n");
    }

    @Test
    void directoriesOfTheOutputAreMade() throws Exception {
        Launch plain = bench.shell("echo deep");
        Path log = directory.resolve("a/b/c.stdout");
        bench.run(new Launch(
                plain.argv(),
                plain.environment(),
                plain.over(),
                plain.directory(),
                log.toString(),
                directory.resolve("d/e.stderr").toString(),
                plain.token()));

        assertThat(log).hasContent("deep\n");
    }

    @Test
    void aCommandIsSearchedInTheJobsPath() throws Exception {
        Path tool = directory.resolve("tool");
        Files.writeString(tool, "#!/bin/sh\necho mine\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        Launch plain = bench.command("tool");
        bench.run(new Launch(
                plain.argv(),
                plain.environment(),
                Map.of("PATH", "/nowhere:" + directory),
                plain.directory(),
                plain.stdout(),
                plain.stderr(),
                plain.token()));

        assertThat(out()).isEqualTo("mine\n");
    }

    @Test
    void whatCantBeStartedIsNamed() throws Exception {
        Path script = directory.resolve("script");
        Files.writeString(script, "#!/no/such/interpreter\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Files.createDirectory(directory.resolve("taken"));
        Files.writeString(directory.resolve("plain"), "");

        refused(bench.command("/no/such/command"), "no such command: /no/such/command");
        refused(bench.command("nocommand"), "no command 'nocommand' in PATH");
        refused(bench.command("./plain"), "can't run ./plain: Permission denied");
        refused(bench.command("./taken"), "can't run ./taken: Permission denied");
        refused(bench.command("./script"), "the interpreter that " + script + " names in its first line is missing");
        refused(bench.command(), "the command is empty");
        refused(bench.command("echo", "a\0b"), "the command holds a NUL character: a?b");
        refused(in("/no/such/directory"), "can't enter the directory /no/such/directory: No such file or directory");
        refused(writing("/proc/nothing/out"), "for the output");
        refused(writing(directory.resolve("taken").toString()), "can't write " + directory.resolve("taken"));
        refused(bench.command("echo", "x".repeat(3_000_000)), "can't run echo: Argument list too long");
    }

    @Test
    void whatTheNodeLacksIsToldApart() {
        Launch launch = bench.shell("true");
        for (int errno : List.of(11, 12, 23, 28, 116, 122)) {
            assertThat(StartFailure.of(launch, errno)).isInstanceOf(NodeTroubleException.class);
            var told = new FileSystemException(launch.stdout(), null, SystemErrors.text(errno));
            assertThat(NotStartedException.of("can't", told)).isInstanceOf(NodeTroubleException.class);
        }
        assertThat(StartFailure.of(launch, 13)).isNotInstanceOf(NodeTroubleException.class);
        assertThat(NotStartedException.of("can't", new FileSystemException(launch.stdout())))
                .isNotInstanceOf(NodeTroubleException.class);
    }

    private void refused(Launch launch, String message) {
        assertThatExceptionOfType(NotStartedException.class)
                .isThrownBy(() -> bench.start(launch))
                .withMessageContaining(message);
    }

    private Launch in(String where) {
        Launch plain = bench.command("true");
        return new Launch(
                plain.argv(), plain.environment(), plain.over(), where, plain.stdout(), plain.stderr(), plain.token());
    }

    private Launch writing(String log) {
        Launch plain = bench.command("true");
        return new Launch(
                plain.argv(), plain.environment(), plain.over(), plain.directory(), log, plain.stderr(), plain.token());
    }

    @Test
    void aThousandQuickOnesAllEndOnce() throws Exception {
        var processes = new ArrayList<JobProcess>();
        for (int i = 0; i < 1000; i++) {
            processes.add(bench.start(bench.shell("exit " + i % 100)));
        }

        List<Ended> ends = bench.end(processes);
        for (int i = 0; i < 1000; i++) {
            assertThat(ends.get(i).exitCode()).isEqualTo(i % 100);
        }
        assertThat(Bench.reaper().live()).isEmpty();
    }

    @Test
    void cpuTimeIsThatOfTheProcessAndItsChildren() throws Exception {
        Ended end = bench.run(bench.shell("(i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done); true"));

        assertThat(end.cpuMillis()).isBetween(50L, 10_000L);
    }
}
