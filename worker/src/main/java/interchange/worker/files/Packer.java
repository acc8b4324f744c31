package interchange.worker.files;

import interchange.pack.PackWriter;
import interchange.proto.worker.AttemptName;
import interchange.shared.Reasons;
import interchange.worker.process.GuardedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what jobs print into packs: of those that run what is new, once a second, and of those that have ended the rest,
 * as many at a time as have come, and of each so much at a time that it doesn't hold up the others. On a thread of its own,
 * because a shared file system may hang, and heartbeats must not.
 */
final class Packer {
    private static final Logger LOG = LoggerFactory.getLogger(Packer.class);
    private static final long CLOSE_MILLIS = 3_000;

    private static final int TOGETHER_MAX = 1_000;

    private final GuardedFiles files;
    private final Consumer<News> told;
    private final Packs packs;
    private final Limits limits;
    private final LinkedBlockingQueue<Runnable> posted = new LinkedBlockingQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(PackWriter.TEXT_BYTES_MAX);
    private final Map<AttemptName, Packing> running = new LinkedHashMap<>();
    private final Map<AttemptName, Packing> ending = new LinkedHashMap<>();
    private final Thread thread;
    private long nextLookNanos;
    private volatile boolean closing;

    /**
     * What it does how often.
     *
     * @param look at what runs
     * @param pause before it is tried again what a full disk has refused
     * @param patience with it; then what was printed stays on the node, and the end is told with the reason
     * @param idle until a pack is closed of whose run nothing is here
     * @param turnBytes of each output of each attempt at a time: others wait meanwhile
     */
    record Limits(Duration look, Duration pause, Duration patience, Duration idle, long turnBytes) {
        static Limits standard() {
            return new Limits(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(5),
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(1),
                    2L << 20);
        }
    }

    /** @param told takes news, on the packer's thread */
    Packer(GuardedFiles files, String host, String incarnation, Limits limits, Consumer<News> told) {
        this.files = files;
        this.told = told;
        this.limits = limits;
        packs = new Packs(files, host, incarnation);
        nextLookNanos = System.nanoTime();
        thread = Thread.ofPlatform().name("packer").daemon().start(this::run);
    }

    /** It has started; from any thread, as the next two. */
    void watch(PackOrder order) {
        posted.add(() -> running.put(order.attempt(), new Packing(order)));
    }

    /** All its processes have ended: {@link News.Packed} tells when all that it printed is in the pack. */
    void pack(PackOrder order) {
        posted.add(() -> {
            Packing known = running.remove(order.attempt());
            Packing packing = known == null ? new Packing(order) : known;
            // Only from now on does anybody wait for it.
            packing.forgetTrouble();
            ending.put(order.attempt(), packing);
        });
    }

    /** Nobody waits for it any more: of what it has printed a last piece gets into the pack, if that can be done now. */
    void drop(PackOrder order) {
        posted.add(() -> {
            Optional.ofNullable(running.remove(order.attempt()))
                    .or(() -> Optional.ofNullable(ending.remove(order.attempt())))
                    .ifPresent(this::packLast);
            new Packing(order).remove();
        });
    }

    private void packLast(Packing packing) {
        try {
            Packs.Pack pack = packs.of(packing.order, System.nanoTime());
            packing.copyTo(pack, files, buffer, limits.turnBytes());
            packing.giveUp();
            pack.flush();
        } catch (IOException e) {
            packing.giveUp();
            LOG.warn("the last that {} printed is lost: {}", packing.order.job(), Reasons.of(e));
        }
    }

    /** When all is packed that can be. */
    void close() {
        closing = true;
        posted.add(() -> {});
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closing || !posted.isEmpty() || isBehind()) {
            take();
            long now = System.nanoTime();
            pack(ending.values(), now, true);
            if (now - nextLookNanos >= 0) {
                nextLookNanos = now + limits.look().toNanos();
                pack(running.values(), now, false);
                packs.closeIdle(now, limits.idle().toNanos());
            }
        }
        packs.close();
    }

    /** Whether anything that has ended has had a turn and needs more. */
    private boolean isBehind() {
        return ending.values().stream().anyMatch(each -> !each.hasEnded() && !each.isTroubled());
    }

    private void take() {
        // What has failed is tried again at the next look that finds it due.
        boolean idle = running.isEmpty() && ending.isEmpty();
        long wait = idle ? limits.idle().toNanos() : Math.max(0, nextLookNanos - System.nanoTime());
        if (isBehind()) {
            wait = 0;
        }
        try {
            Runnable first = posted.poll(wait, TimeUnit.NANOSECONDS);
            for (int i = 0; first != null; i++) {
                first.run();
                first = i < TOGETHER_MAX ? posted.poll() : null;
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the packer", e);
        }
    }

    private void pack(Collection<Packing> which, long now, boolean ended) {
        Map<Packs.Pack, List<Packing>> gathered = new LinkedHashMap<>();
        for (Packing each : List.copyOf(which)) {
            if (each.isDue(now)) {
                gather(each, now, ended)
                        .ifPresent(pack -> gathered.computeIfAbsent(pack, _ -> new ArrayList<>())
                                .add(each));
            }
        }
        gathered.forEach((pack, packings) -> flush(pack, packings, now));
    }

    /** Empty: it could not. */
    private Optional<Packs.Pack> gather(Packing packing, long now, boolean ended) {
        Optional<Packs.Pack> pack = Optional.empty();
        try {
            pack = Optional.of(packs.of(packing.order, now));
            boolean all = packing.copyTo(pack.get(), files, buffer, limits.turnBytes());
            if (ended && all) {
                packing.endIn(pack.get());
            }
            return pack;
        } catch (IOException e) {
            if (pack.filter(this::isGone).isEmpty()) {
                failed(packing, e, now);
            }
            return Optional.empty();
        }
    }

    /** Then what is on the node is packed anew at the next turn, which is no trouble. */
    private boolean isGone(Packs.Pack pack) {
        try {
            return !packs.isInPlace(pack);
        } catch (IOException e) {
            // Nobody knows; it is tried again with what failed.
            return false;
        }
    }

    private void flush(Packs.Pack pack, List<Packing> packings, long now) {
        try {
            pack.flush();
            if (!packs.isInPlace(pack)) {
                return;
            }
        } catch (IOException e) {
            if (!isGone(pack)) {
                packings.forEach(each -> failed(each, e, now));
            }
            return;
        }
        for (Packing each : packings) {
            each.forgetTrouble();
            if (each.hasEnded() && ending.containsKey(each.order.attempt())) {
                over(each, Optional.empty());
            }
        }
    }

    private void over(Packing packing, Optional<String> problem) {
        ending.remove(packing.order.attempt());
        if (problem.isEmpty()) {
            packing.remove();
        } else {
            packing.giveUp();
        }
        told.accept(new News.Packed(packing.order.attempt(), problem));
    }

    /** The job did its work: a full disk delays its end for a while, and does not make it fail. */
    private void failed(Packing packing, IOException e, long now) {
        long lasted = packing.failed(now, limits.pause().toNanos());
        if (lasted == 0) {
            LOG.warn("what {} prints can't be packed now: {}", packing.order.job(), Reasons.of(e));
        }
        if (lasted >= limits.patience().toNanos() && ending.containsKey(packing.order.attempt())) {
            over(packing, Optional.of(kept(packing, e)));
        }
    }

    private String kept(Packing packing, IOException trouble) {
        String what =
                "what it printed can't be written to " + packs.file(packing.order) + " (" + Reasons.of(trouble) + ")";
        try {
            return what + "; it is kept on its node in " + packing.keep();
        } catch (IOException e) {
            return what + ", nor could it be kept on its node: " + Reasons.of(e);
        }
    }
}
