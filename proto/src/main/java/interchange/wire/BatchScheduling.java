package interchange.wire;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZContext;
import zmq.util.function.BiFunction;

/**
 * Linux's SCHED_BATCH for threads that jeromq 0.6.0 wakes: when such a thread wakes, it doesn't take the processor from
 * the one that woke it. Else it often does, between that one's writing to a pipe and its counting what it wrote, and
 * then asks again and again for what isn't counted yet, until its time is up: 4 ms in which nothing happens.
 *
 * <p>Without it everything works as well, only slower; so where it can't be had, nothing is said.
 */
public final class BatchScheduling {
    private static final Logger LOG = LoggerFactory.getLogger(BatchScheduling.class);
    private static final int SCHED_BATCH = 3;
    private static final int THIS_THREAD = 0;

    private BatchScheduling() {}

    /** For the threads of a context that has no sockets yet. */
    public static void apply(ZContext context) {
        BiFunction<Runnable, String, Thread> plain = context.getThreadFactory();
        context.setThreadFactor((work, name) -> plain.apply(
                () -> {
                    adopt();
                    work.run();
                },
                name));
    }

    /** For the calling thread. What it starts inherits it. */
    public static void adopt() {
        try (Arena arena = Arena.ofConfined()) {
            // A sched_param is one int, the priority, which must be 0 here.
            int result = (int) Handle.SET_SCHEDULER.invokeExact(THIS_THREAD, SCHED_BATCH, arena.allocate(JAVA_INT));
            LOG.debug("sched_setscheduler: {}", result);
        } catch (Throwable e) {
            LOG.debug("no sched_setscheduler", e);
        }
    }

    /** Bound when first used, so that who doesn't pays nothing. */
    private static final class Handle {
        static final MethodHandle SET_SCHEDULER = bind();

        private static MethodHandle bind() {
            Linker linker = Linker.nativeLinker();
            MemorySegment function = linker.defaultLookup().findOrThrow("sched_setscheduler");
            return linker.downcallHandle(function, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
        }
    }
}
