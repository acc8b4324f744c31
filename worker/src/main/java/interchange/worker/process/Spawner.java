package interchange.worker.process;

import interchange.shared.SystemErrors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Starts processes with posix_spawn, which costs what a start costs in C, where a fork of a JVM copies its page tables.
 * Each gets a session of its own, default signals, /dev/null and two files, and no other descriptor. One thread's.
 */
public final class Spawner {
    private static final short DEFAULT_SIGNALS = 0x4;
    private static final short SIGNAL_MASK = 0x8;
    private static final short NEW_SESSION = 0x80;
    private static final int READ = 0;
    // O_WRONLY | O_CREAT | O_TRUNC | O_APPEND: two descriptors of one file don't write over each other.
    private static final int WRITE = 0x641;
    private static final int FILE_MODE = 0666;
    private static final long ATTRIBUTES_BYTES = 336;
    private static final long ACTIONS_BYTES = 80;
    private static final long SIGNALS_BYTES = 128;

    private final ForkLock lock;
    private final Reaper reaper;
    private final MemorySegment attributes;
    private final MemorySegment devNull;
    private final MemorySegment root;
    private final MemorySegment pid;
    private final MemorySegment actions;
    private final MemorySegment state;
    private final JobMark mark;

    public Spawner(ForkLock lock, Reaper reaper) {
        this.lock = lock;
        this.reaper = reaper;
        mark = reaper.mark();
        Arena arena = Arena.ofAuto();
        devNull = arena.allocateFrom("/dev/null");
        root = arena.allocateFrom("/");
        pid = arena.allocate(ValueLayout.JAVA_INT);
        actions = arena.allocate(ACTIONS_BYTES, 16);
        state = Libc.callState(arena);
        attributes = arena.allocate(ATTRIBUTES_BYTES, 16);
        MemorySegment all = arena.allocate(SIGNALS_BYTES, 16);
        MemorySegment none = arena.allocate(SIGNALS_BYTES, 16);
        // Not sigfillset, which leaves out two that glibc uses itself, and before 2.37 leaves ignored in the child.
        all.fill((byte) 0xff);
        Libc.noSignals(none);
        Libc.attributes(attributes, (short) (DEFAULT_SIGNALS | SIGNAL_MASK | NEW_SESSION), all, none);
    }

    public JobProcess start(Launch launch) throws NotStartedException {
        check(launch);
        String command = launch.argv().getFirst();
        String path = Executables.find(command, launch.environment().path(launch.over()), launch.directory())
                .orElseThrow(() -> new NotStartedException("no command '" + command + "' in PATH"));
        try (Arena arena = Arena.ofConfined();
                var _ = lock.hold()) {
            enter(launch.directory(), arena);
            try {
                Libc.fileModeMask(launch.environment().umask());
                mark.next();
                int errno = spawn(launch, path, arena);
                // Not looked at before: for most jobs the directories are there.
                if (errno == Libc.ERRNO_NOT_FOUND) {
                    // Another node's worker may just have made them, so that they are there now and were not.
                    makeParent(launch.stdout());
                    makeParent(launch.stderr());
                    errno = spawn(launch, path, arena);
                }
                if (errno != 0) {
                    throw StartFailure.of(launch, errno);
                }
                var process = new JobProcess(
                        pid.get(ValueLayout.JAVA_INT, 0), launch.token(), System.nanoTime(), mark.present(), false);
                reaper.expect(process);
                return process;
            } finally {
                Libc.changeDirectory(state, root);
            }
        }
    }

    private static void check(Launch launch) throws NotStartedException {
        if (launch.argv().isEmpty() || launch.argv().getFirst().isEmpty()) {
            throw new NotStartedException("the command is empty");
        }
        for (String argument : launch.argv()) {
            refuseNul("the command", argument);
        }
        refuseNul("the directory", launch.directory());
        refuseNul("the output file", launch.stdout());
        refuseNul("the output file", launch.stderr());
    }

    /** C would end the text there, and something else would run. */
    private static void refuseNul(String what, String text) throws NotStartedException {
        if (text.indexOf('\0') >= 0) {
            throw new NotStartedException(what + " holds a NUL character: " + text.replace('\0', '?'));
        }
    }

    private void enter(String directory, Arena arena) throws NotStartedException {
        if (Libc.changeDirectory(state, arena.allocateFrom(directory)) != 0) {
            int errno = Libc.errno(state);
            throw NotStartedException.of(
                    "can't enter the directory " + directory + ": " + SystemErrors.text(errno), errno);
        }
    }

    private int spawn(Launch launch, String path, Arena arena) {
        MemorySegment argv = Environment.array(launch.argv(), arena);
        MemorySegment environment = launch.environment().with(launch.over(), arena);
        Libc.actionsInit(actions);
        try {
            Libc.actionsOpen(actions, 0, devNull, READ, 0);
            Libc.actionsOpen(actions, 1, arena.allocateFrom(launch.stdout()), WRITE, FILE_MODE);
            if (launch.stderr().equals(launch.stdout())) {
                Libc.actionsDuplicate(actions, 1, 2);
            } else {
                Libc.actionsOpen(actions, 2, arena.allocateFrom(launch.stderr()), WRITE, FILE_MODE);
            }
            for (int descriptor = Descriptors.highest(); descriptor > 2; descriptor--) {
                Libc.actionsClose(actions, descriptor);
            }
            return Libc.spawn(pid, arena.allocateFrom(path), actions, attributes, argv, environment);
        } finally {
            Libc.actionsDestroy(actions);
        }
    }

    /** Makes the directory of an output file, where it is missing. */
    private static void makeParent(String log) throws NotStartedException {
        Path directory = Path.of(log).toAbsolutePath().getParent();
        if (directory == null || Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw NotStartedException.of("can't make the directory " + directory + " for the output", e);
        }
    }
}
