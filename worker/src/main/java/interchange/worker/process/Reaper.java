package interchange.worker.process;

import interchange.shared.SystemErrors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Waits for processes to end, on a thread of its own, and sees to it that they take their descendants with them: this
 * process is their subreaper, so that orphans come to it. An end is told only when nothing of the job is left.
 *
 * <p>A process that has ended keeps its id until it is reaped. So it is looked at first, its group is killed while no
 * other group can have that id, and then it is reaped, with signals to it locked out. After a TERM the group is left alone
 * until the grace is over: of a shell's command line the shell is the first to end, and the least to be waited for.
 */
public final class Reaper {
    private static final int CHILD_SUBREAPER = 36;
    private static final int ANY = 0;
    private static final int ONE = 1;
    private static final int EXITED_BUT_KEEP = 0x4 | 0x01000000;
    private static final int AT_ONCE = 0x1;
    private static final long INFO_BYTES = 128;
    private static final long INFO_PID = 16;
    private static final int STAT_BYTES = 8192;

    private final ForkLock lock;
    private final Consumer<Ended> told;
    private final Orphans orphans = new Orphans();
    private final Map<Integer, JobProcess> live = new ConcurrentHashMap<>();
    private final Semaphore started = new Semaphore(0);
    /** Of what is left of those that have ended; taken before the other lock. */
    private final ReentrantLock cleaning = new ReentrantLock();

    private final List<Ended> notClean = new ArrayList<>();
    private final MemorySegment state;
    private final MemorySegment info;
    private final MemorySegment status;
    private final MemorySegment usage;
    /** Of the callers of {@link #adopt}. */
    private final MemorySegment adopting;

    private final MemorySegment adopted;
    private final BitSet ownProcessors = Affinity.ofThisThread();
    private final JobMark mark = new JobMark();
    private final OwnPeak ownPeak = new OwnPeak();
    private final byte[] buffer = new byte[STAT_BYTES];
    private volatile Runnable onStart = () -> {};

    private Reaper(ForkLock lock, Consumer<Ended> told) {
        this.lock = lock;
        this.told = told;
        Arena arena = Arena.ofAuto();
        state = Libc.callState(arena);
        info = arena.allocate(INFO_BYTES, 16);
        status = arena.allocate(ValueLayout.JAVA_INT);
        usage = Usage.room(arena);
        adopting = Libc.callState(arena);
        adopted = arena.allocate(INFO_BYTES, 16);
    }

    /** From now on no other way of starting processes may be used in this JVM: this takes all ends. */
    public static Reaper start(ForkLock lock, Consumer<Ended> told) {
        Libc.processControl(CHILD_SUBREAPER, 1);
        var reaper = new Reaper(lock, told);
        Thread.ofPlatform().name("reaper").daemon().start(reaper::run);
        return reaper;
    }

    /** With the lock held since before its start. */
    void expect(JobProcess process) {
        live.put(process.pid(), process);
        started.release();
        onStart.run();
    }

    /** @param then called at each start by the thread that starts; must be quick */
    void whenOneStarts(Runnable then) {
        onStart = then;
    }

    /** Used with the lock held. */
    JobMark mark() {
        return mark;
    }

    /**
     * Takes for a job what another process has forked for it: leader of its session, and left to us by its parent. Its end
     * will be told, even if it is over already. Empty: there is no such child.
     */
    public Optional<JobProcess> adopt(int pid, String token) {
        try (var _ = lock.hold()) {
            // Under the lock it is not reaped, so that its id is its own.
            boolean isChild = pid > 1
                    && !live.containsKey(pid)
                    && Libc.waitId(adopting, ONE, pid, adopted, EXITED_BUT_KEEP | AT_ONCE) == 0;
            if (!isChild) {
                return Optional.empty();
            }
            // What it would have from its start, were it one of ours.
            mark.next();
            JobMark.give(pid, mark.present());
            BitSet processors = Affinity.ofThisThread();
            if (!processors.equals(ownProcessors)) {
                Affinity.setOf(pid, processors);
            }
            var process = new JobProcess(pid, token, System.nanoTime(), mark.present(), true);
            expect(process);
            return Optional.of(process);
        }
    }

    Map<Integer, JobProcess> live() {
        return live;
    }

    /** TERM to the processes, their groups and all that descends from them; together, since all of /proc is read for it. */
    public void terminate(List<JobProcess> processes) {
        var roots = new HashMap<Integer, JobProcess>();
        processes.forEach(process -> roots.put(process.pid(), process));
        var buffer = new byte[STAT_BYTES];
        // Before the first ends, and with it the line to its descendants.
        List<ProcessStat> others = ProcessTable.read(buffer).outsideTheGroupsOf(roots);
        for (JobProcess process : processes) {
            process.terminated();
            signalGroup(process, Libc.SIGNAL_TERM);
        }
        for (ProcessStat other : others) {
            ProcessStat.read(other.pid(), buffer)
                    .filter(now -> now.startTicks() == other.startTicks())
                    .ifPresent(now -> Libc.kill(now.pid(), Libc.SIGNAL_TERM));
        }
    }

    /** KILL to the process and its group; the rest of its tree follows when it has ended. */
    public void kill(JobProcess process) {
        process.killed();
        if (!signalGroup(process, Libc.SIGNAL_KILL)) {
            // It has ended: what it left has had its time. The reaper may be waiting for just these.
            cleaning.lock();
            try {
                tellWhatIsClean();
            } finally {
                cleaning.unlock();
            }
        }
    }

    /** False: it has ended. */
    private boolean signalGroup(JobProcess process, int signal) {
        try (var _ = lock.hold()) {
            boolean lives = live.get(process.pid()) == process;
            if (lives) {
                Libc.kill(-process.pid(), signal);
            }
            return lives;
        }
    }

    private void run() {
        while (true) {
            if (Libc.waitId(state, ANY, 0, info, EXITED_BUT_KEEP) == 0) {
                clear(info.get(ValueLayout.JAVA_INT, INFO_PID));
            } else if (Libc.errno(state) == Libc.ERRNO_NO_CHILD) {
                started.acquireUninterruptibly();
                started.drainPermits();
            } else if (Libc.errno(state) != Libc.ERRNO_INTERRUPTED) {
                throw new IllegalStateException("waitid: " + SystemErrors.text(Libc.errno(state)));
            }
        }
    }

    private void clear(int pid) {
        cleaning.lock();
        try {
            reap(pid);
            tellWhatIsClean();
        } finally {
            cleaning.unlock();
        }
    }

    private void reap(int pid) {
        try (var _ = lock.hold()) {
            JobProcess process = live.remove(pid);
            if (process != null && !process.hasMercy()) {
                Libc.kill(-pid, Libc.SIGNAL_KILL);
            }
            Optional<JobProcess> origin = process == null ? originOf(pid) : Optional.empty();
            if (Libc.wait4(state, pid, status, 0, usage) != pid) {
                if (process == null && Libc.errno(state) == Libc.ERRNO_NO_CHILD) {
                    return; // A start that failed: posix_spawn took its child back while we waited for the lock.
                }
                throw new IllegalStateException("wait4: " + SystemErrors.text(Libc.errno(state)));
            }
            if (process != null) {
                notClean.add(ended(process, Usage.of(usage)));
            }
            origin.ifPresent(job -> job.orphanTook(Usage.of(usage)));
        }
        orphans.forget(pid);
    }

    /** Which job an orphan comes from, that has ended and is not reaped yet. */
    private Optional<JobProcess> originOf(int pid) {
        OptionalLong mark = JobMark.of(pid, buffer);
        return Stream.concat(live.values().stream(), notClean.stream().map(Ended::process))
                .filter(process -> process.hasMark(mark))
                .findFirst();
    }

    private Ended ended(JobProcess process, Usage took) {
        int word = status.get(ValueLayout.JAVA_INT, 0);
        int signal = word & 0x7f;
        int exitCode = signal == 0 ? (word >> 8) & 0xff : 0;
        // A fork never had our memory. That of its template, with which it began, counts: a cold one would have taken
        // it too.
        if (process.isWarm() || took.peakKiB() > ownPeak.mayBeTakenForOursKiB()) {
            process.sawMemory(took.peakKiB());
        }
        return new Ended(process, exitCode, signal, took.cpuMicros() / 1000, System.currentTimeMillis(), false);
    }

    private void tellWhatIsClean() {
        if (notClean.isEmpty()) {
            return;
        }
        Set<JobProcess> dirty = orphans.killThoseOf(notClean, live);
        notClean.removeIf(ended -> {
            if (dirty.contains(ended.process())) {
                return false;
            }
            told.accept(ended.whole());
            return true;
        });
    }
}
