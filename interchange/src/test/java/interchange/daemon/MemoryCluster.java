package interchange.daemon;

import interchange.broker.Broker;
import interchange.core.AttemptId;
import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Hello;
import interchange.core.Outcome;
import interchange.proto.control.Response;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Task;
import interchange.proto.worker.ToWorker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Workers and their batch system in memory: blocks run as soon as they are asked for, and what is to be run has
 * succeeded at once. One thread of its own answers; any thread sends.
 */
final class MemoryCluster implements Broker {
    private final Inbox inbox;
    private final int coresPerNode;
    private final int memoryMiBPerNode;
    private final BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "workers");

    /** Owned by the thread. */
    private final Map<Integer, BlockReport> running = new HashMap<>();

    private final List<Effect.SubmitBlock> held = new ArrayList<>();
    private boolean holding;
    private long links;

    MemoryCluster(Inbox inbox, int coresPerNode, int memoryMiBPerNode) {
        this.inbox = inbox;
        this.coresPerNode = coresPerNode;
        this.memoryMiBPerNode = memoryMiBPerNode;
        thread.setDaemon(true);
        thread.start();
    }

    /** Blocks that are asked for from now on stay queued. */
    void hold() {
        work.add(() -> holding = true);
    }

    void release() {
        work.add(() -> {
            holding = false;
            held.forEach(this::open);
            held.clear();
        });
    }

    // ---- the batch system

    void submit(Effect.SubmitBlock block) {
        work.add(() -> {
            inbox.put(new Event.BlockSubmitted(block.block(), Integer.toString(block.block())));
            running.put(block.block(), new BlockReport(BlockPhase.QUEUED, "", -1));
            if (holding) {
                held.add(block);
            } else {
                open(block);
            }
        });
    }

    void poll(Effect.PollBlocks asked) {
        work.add(() -> inbox.put(new Event.BlocksPolled(asked.batchSystem(), asked.look(), running)));
    }

    private void open(Effect.SubmitBlock block) {
        running.put(block.block(), new BlockReport(BlockPhase.RUNNING, "", -1));
        for (int rank = 0; rank < block.nodes(); rank++) {
            links++;
            Hello hello = new Hello(
                    "incarnation-" + links,
                    1,
                    block.token(),
                    0,
                    rank,
                    1,
                    false,
                    "node" + rank,
                    links,
                    coresPerNode,
                    memoryMiBPerNode,
                    -1,
                    List.of());
            inbox.put(new Event.WorkerHello(links, hello));
        }
    }

    // ---- the workers

    @Override
    public void send(long link, ToWorker message) {
        if (message.hasRun()) {
            work.add(() -> message.getRun().getTasksList().forEach(task -> run(message.getSession(), task)));
        }
    }

    private void run(long session, Task task) {
        AttemptName name = task.getAttempt();
        AttemptId attempt = new AttemptId(name.getRun(), name.getJob(), name.getNumber());
        long now = System.currentTimeMillis();
        inbox.put(new Event.AttemptStarted(session, attempt, now));
        inbox.put(new Event.AttemptFinished(
                session, attempt, new Outcome(Outcome.Cause.ENDED, 0, 0, "", now, now, 1, 1, false)));
    }

    private void run() {
        try {
            while (true) {
                work.take().run();
            }
        } catch (InterruptedException e) {
            // Closed.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void send(long link, Response message) {}

    @Override
    public int workerPort() {
        return 0;
    }

    @Override
    public int controlPort() {
        return 0;
    }

    @Override
    public Counters counters() {
        return new Counters(0, 0, 0);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
