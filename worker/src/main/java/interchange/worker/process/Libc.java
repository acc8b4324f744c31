package interchange.worker.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The C library's functions that the worker needs, none newer than glibc 2.28 (RHEL 8). Linux on 64 bits only: sizes and
 * numbers are those of its headers.
 */
final class Libc {
    static final int SIGNAL_KILL = 9;
    static final int SIGNAL_TERM = 15;
    static final int ERRNO_NOT_FOUND = 2;
    static final int ERRNO_INTERRUPTED = 4;
    static final int ERRNO_NO_CHILD = 10;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup SYMBOLS = LINKER.defaultLookup();
    private static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno")).withInvokeExactBehavior();
    private static final Linker.Option KEEP_ERRNO = Linker.Option.captureCallState("errno");

    private static final MethodHandle SPAWN = function(
            "posix_spawn", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
    private static final MethodHandle ACTIONS_INIT = takesAddress("posix_spawn_file_actions_init");
    private static final MethodHandle ACTIONS_DESTROY = takesAddress("posix_spawn_file_actions_destroy");
    private static final MethodHandle ACTIONS_OPEN = function(
            "posix_spawn_file_actions_addopen",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ACTIONS_DUP =
            function("posix_spawn_file_actions_adddup2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ACTIONS_CLOSE =
            function("posix_spawn_file_actions_addclose", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle ATTRIBUTES_INIT = takesAddress("posix_spawnattr_init");
    private static final MethodHandle ATTRIBUTES_FLAGS =
            function("posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));
    private static final MethodHandle ATTRIBUTES_DEFAULTS =
            function("posix_spawnattr_setsigdefault", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle ATTRIBUTES_MASK =
            function("posix_spawnattr_setsigmask", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle NO_SIGNALS = takesAddress("sigemptyset");
    private static final MethodHandle WAIT_ID =
            keepingErrno("waitid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle WAIT4 =
            keepingErrno("wait4", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS));
    private static final MethodHandle KILL = function("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle CHANGE_DIRECTORY =
            keepingErrno("chdir", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle UMASK = function("umask", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle CLOCK =
            function("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle PROCESS_ID = function("getpid", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle PAGE_SIZE = function("getpagesize", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle PROCESS_LIMIT =
            function("prlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle OWN_USAGE =
            function("getrusage", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle SET_AFFINITY =
            function("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle GET_AFFINITY =
            function("sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));
    private static final MethodHandle PROCESS_CONTROL = LINKER.downcallHandle(
            SYMBOLS.findOrThrow("prctl"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));

    private Libc() {}

    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(SYMBOLS.findOrThrow(name), descriptor);
    }

    private static MethodHandle keepingErrno(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(SYMBOLS.findOrThrow(name), descriptor, KEEP_ERRNO);
    }

    private static MethodHandle takesAddress(String name) {
        return function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
    }

    /** Room for the errno of the calls that report it so; one per thread and call site, reused. */
    static MemorySegment callState(Arena arena) {
        return arena.allocate(CALL_STATE);
    }

    static int errno(MemorySegment state) {
        return (int) ERRNO.get(state, 0L);
    }

    /** Returns an errno, 0 for success. */
    static int spawn(
            MemorySegment pid,
            MemorySegment path,
            MemorySegment actions,
            MemorySegment attributes,
            MemorySegment argv,
            MemorySegment environment) {
        try {
            return (int) SPAWN.invokeExact(pid, path, actions, attributes, argv, environment);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void actionsInit(MemorySegment actions) {
        address(ACTIONS_INIT, actions);
    }

    static void actionsDestroy(MemorySegment actions) {
        address(ACTIONS_DESTROY, actions);
    }

    static void actionsOpen(MemorySegment actions, int descriptor, MemorySegment path, int flags, int mode) {
        try {
            must((int) ACTIONS_OPEN.invokeExact(actions, descriptor, path, flags, mode));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void actionsDuplicate(MemorySegment actions, int from, int to) {
        try {
            must((int) ACTIONS_DUP.invokeExact(actions, from, to));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void actionsClose(MemorySegment actions, int descriptor) {
        try {
            must((int) ACTIONS_CLOSE.invokeExact(actions, descriptor));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void attributes(MemorySegment attributes, short flags, MemorySegment defaults, MemorySegment mask) {
        try {
            must((int) ATTRIBUTES_INIT.invokeExact(attributes));
            must((int) ATTRIBUTES_FLAGS.invokeExact(attributes, flags));
            must((int) ATTRIBUTES_DEFAULTS.invokeExact(attributes, defaults));
            must((int) ATTRIBUTES_MASK.invokeExact(attributes, mask));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void noSignals(MemorySegment set) {
        address(NO_SIGNALS, set);
    }

    static int waitId(MemorySegment state, int idType, int id, MemorySegment info, int options) {
        try {
            return (int) WAIT_ID.invokeExact(state, idType, id, info, options);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int wait4(MemorySegment state, int pid, MemorySegment status, int options, MemorySegment usage) {
        try {
            return (int) WAIT4.invokeExact(state, pid, status, options, usage);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** To a process, or for a negative number to the group of that id. That it is gone already is no error. */
    static void kill(int pid, int signal) {
        // -1 would be everything we may signal, 0 our own group.
        if (pid == 0 || pid == -1 || pid == 1) {
            throw new IllegalArgumentException("kill(" + pid + ")");
        }
        try {
            var unused = (int) KILL.invokeExact(pid, signal);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int changeDirectory(MemorySegment state, MemorySegment path) {
        try {
            return (int) CHANGE_DIRECTORY.invokeExact(state, path);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void fileModeMask(int mask) {
        try {
            var unused = (int) UMASK.invokeExact(mask);
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void clock(int clock, MemorySegment time) {
        try {
            must((int) CLOCK.invokeExact(clock, time));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int processId() {
        try {
            return (int) PROCESS_ID.invokeExact();
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static int pageBytes() {
        try {
            return (int) PAGE_SIZE.invokeExact();
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static void processControl(int option, long value) {
        try {
            must((int) PROCESS_CONTROL.invokeExact(option, value, 0L, 0L, 0L));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /**
     * Sets or reads a limit of a process.
     *
     * @param pid 0: this one
     * @param next two numbers, the soft and the hard one, or null for none
     * @param present room for two, or null
     * @return whether it could be done
     */
    static boolean processLimit(int pid, int resource, MemorySegment next, MemorySegment present) {
        try {
            return (int) PROCESS_LIMIT.invokeExact(pid, resource, next, present) == 0;
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** What this process has taken so far. */
    static void ownUsage(MemorySegment usage) {
        try {
            must((int) OWN_USAGE.invokeExact(0, usage));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    /** @param thread or process, of which it is the first thread; 0: the calling thread */
    static boolean setAffinity(int thread, MemorySegment mask) {
        try {
            return (int) SET_AFFINITY.invokeExact(thread, mask.byteSize(), mask) == 0;
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    static boolean affinity(int thread, MemorySegment mask) {
        try {
            return (int) GET_AFFINITY.invokeExact(thread, mask.byteSize(), mask) >= 0;
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static void address(MethodHandle function, MemorySegment argument) {
        try {
            must((int) function.invokeExact(argument));
        } catch (Throwable e) {
            throw broken(e);
        }
    }

    private static void must(int result) {
        if (result != 0) {
            throw new IllegalStateException("a call that can't fail said " + result);
        }
    }

    private static RuntimeException broken(Throwable e) {
        if (e instanceof RuntimeException known) {
            return known;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException(e);
    }
}
