package interchange.worker.files;

import interchange.proto.worker.AttemptName;
import interchange.worker.process.GuardedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Brings the files of jobs, over a connection of its own and on a thread of its own, which begins with the first job that
 * has any. What is asked of it may be asked from any thread, and never waits.
 */
public final class Courier {
    private static final Duration TURN = Duration.ofMillis(500);
    private static final long CLOSE_MILLIS = 3_000;
    private static final long MIB = 1L << 20;

    private final LineOpener opener;
    private final GuardedFiles files;
    private final String host;
    private final String place;
    private final Map<String, String> environment;
    private final Patience patience;
    private final ConcurrentLinkedQueue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final Semaphore woken = new Semaphore(0);
    private Optional<Thread> thread = Optional.empty();
    private Optional<Packer> packer = Optional.empty();
    private String incarnation = "";
    private volatile Consumer<News> told = _ -> {};
    private volatile String scratch = "";
    private volatile long cacheMiB;
    private volatile long controlUpNanos = Long.MAX_VALUE;
    private volatile boolean closing;
    private volatile boolean stays;

    /**
     * A courier that has not begun.
     *
     * @param host the machine, and {@code place} what stays the same for the workers that stand here one after another
     * @param environment of this process: where scratch directories are
     */
    public Courier(LineOpener opener, GuardedFiles files, String host, String place, Map<String, String> environment) {
        this(opener, files, host, place, environment, Patience.standard());
    }

    Courier(
            LineOpener opener,
            GuardedFiles files,
            String host,
            String place,
            Map<String, String> environment,
            Patience patience) {
        this.opener = opener;
        this.files = files;
        this.host = host;
        this.place = place;
        this.environment = Map.copyOf(environment);
        this.patience = patience;
    }

    /** Before the first order. @param how takes news, on the courier's thread */
    public void tell(Consumer<News> how) {
        told = how;
    }

    /** Before the first order. @param name of this process, random: what its packs are called by */
    public void incarnation(String name) {
        incarnation = name;
    }

    /** What the site says; holds for what is not in use yet. */
    public void settings(String scratchDirectory, long fileCacheMiB) {
        scratch = scratchDirectory;
        cacheMiB = fileCacheMiB;
    }

    /** Whether the daemon can be reached otherwise: only then is it of note that files can't. */
    public void controlIs(boolean up) {
        if (!up) {
            controlUpNanos = Long.MAX_VALUE;
        } else if (controlUpNanos == Long.MAX_VALUE) {
            controlUpNanos = System.nanoTime();
        }
    }

    /** Brings the inputs of an attempt, and makes its directory. */
    public void fetch(Order order) {
        post(loop -> loop.arrivals.begin(order));
    }

    /** Sends what an attempt prints from now on; it has been fetched. */
    public void follow(Order order) {
        post(loop -> loop.following.begin(order, System.nanoTime()));
    }

    /** Brings back what an attempt has made, or only what it printed; its directory goes. */
    public void bringBack(Order order, boolean logsOnly) {
        post(loop -> {
            loop.following.end(order.attempt());
            loop.returns.begin(order, logsOnly);
        });
    }

    /** An attempt needs nothing more; its directory goes. Its processes must be dead. */
    public void drop(Order order) {
        post(loop -> loop.drop(order));
    }

    /** Where attempts may print into files of their own, once a {@link News.Lodged} has said so. */
    public Optional<Path> lodging() {
        return loop.flatMap(present -> present.store).map(open -> open.scratch().jobs());
    }

    /** Makes sure that there is such a place. */
    public void lodge(AttemptName attempt) {
        post(loop -> loop.lodging.begin(attempt));
    }

    /** Brings what an attempt prints into its pack from now on. */
    public void watch(PackOrder order) {
        packer().watch(order);
    }

    /** Brings the rest of it there; its processes must be dead. */
    public void pack(PackOrder order) {
        packer().pack(order);
    }

    /** Nobody waits for what an attempt has printed; it goes, and a last piece of it into its pack. Likewise. */
    public void drop(PackOrder order) {
        packer().drop(order);
    }

    /** Of the loop's thread, as all that is asked of packs. */
    private Packer packer() {
        if (packer.isEmpty()) {
            packer = Optional.of(
                    new Packer(files, host, incarnation, Packer.Limits.standard(), news -> told.accept(news)));
        }
        return packer.get();
    }

    private void post(Consumer<Loop> work) {
        if (thread.isEmpty()) {
            Loop loop = new Loop();
            this.loop = Optional.of(loop);
            thread = Optional.of(Thread.ofPlatform().name("courier").daemon().start(loop::run));
        }
        Loop present = loop.orElseThrow();
        posted.add(() -> work.accept(present));
        wake();
    }

    private volatile Optional<Loop> loop = Optional.empty();

    private void wake() {
        woken.release();
        loop.ifPresent(present -> present.talks.wake());
    }

    /** @param staysOnNode another worker will stand here, and can use what is in the cache */
    public void close(boolean staysOnNode) {
        // First: what it has not packed yet lies in what is removed then.
        packer.ifPresent(Packer::close);
        closing = true;
        stays = staysOnNode;
        wake();
        thread.ifPresent(started -> {
            try {
                started.join(CLOSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** What is the thread's. */
    private final class Loop implements Desk {
        private final Talks talks = new Talks(opener, patience);
        private final Disk disk = new Disk(work -> {
            posted.add(work);
            wake();
        });
        private final Arrivals arrivals = new Arrivals(this, patience);
        private final Returns returns = new Returns(this);
        private final Following following = new Following(this);
        private final Lodging lodging = new Lodging(this, patience);
        private final PriorityQueue<Delayed> delayed = new PriorityQueue<>(Comparator.comparingLong(Delayed::atNanos));
        private volatile Optional<Store> store = Optional.empty();

        private record Delayed(long atNanos, Runnable work) {}

        void run() {
            while (!closing) {
                for (Runnable work = posted.poll(); work != null; work = posted.poll()) {
                    work.run();
                }
                long now = System.nanoTime();
                while (!delayed.isEmpty() && delayed.peek().atNanos() - now <= 0) {
                    delayed.remove().work().run();
                }
                arrivals.tick(now, controlUpNanos);
                following.tick(now);
                talks.turn(posted.isEmpty() ? untilNext(now) : Duration.ZERO);
                if (!talks.hasLine()) {
                    await();
                }
            }
            talks.close();
            disk.close();
            store.map(Store::scratch).ifPresent(stays ? Scratch::leave : Scratch::remove);
        }

        private Duration untilNext(long now) {
            return delayed.isEmpty()
                    ? TURN
                    : Duration.ofNanos(Math.clamp(delayed.peek().atNanos() - now, 0, TURN.toNanos()));
        }

        private void await() {
            try {
                if (posted.isEmpty()
                        && woken.tryAcquire(untilNext(System.nanoTime()).toNanos(), TimeUnit.NANOSECONDS)) {
                    woken.drainPermits();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the courier", e);
            }
        }

        void drop(Order order) {
            following.end(order.attempt());
            if (!arrivals.drop(order.attempt())) {
                returns.drop(order.attempt());
                store.ifPresent(open -> remove(open.folder(order)));
            }
        }

        @Override
        public <T> void withStore(StoreWork<T> work, Consumer<T> done, Consumer<IOException> failed) {
            disk.run(() -> work.with(opened()), done, failed);
        }

        /** On the disk's thread. */
        private Store opened() throws IOException {
            if (store.isEmpty()) {
                Scratch taken = Scratch.open(base(), host, place, files);
                store = Optional.of(new Store(taken, new Cache(taken.cache(), cacheMiB * MIB), files));
            }
            return store.get();
        }

        @Override
        public Store store() {
            return store.orElseThrow();
        }

        @Override
        public Talks talks() {
            return talks;
        }

        @Override
        public void tell(News news) {
            told.accept(news);
        }

        @Override
        public void later(Duration delay, Runnable work) {
            delayed.add(new Delayed(System.nanoTime() + delay.toNanos(), work));
        }

        @Override
        public void remove(Folder folder) {
            disk.run(() -> Trees.remove(folder.root()));
        }

        @Override
        public boolean makesRoom() {
            return store.map(open -> open.cache().giveRoom()).orElse(false);
        }
    }

    private Path base() throws IOException {
        String given =
                scratch.isEmpty() ? environment.getOrDefault("TMPDIR", "") : ScratchPath.expand(scratch, environment);
        return Path.of(given.isEmpty() ? "/tmp" : given).toAbsolutePath();
    }
}
