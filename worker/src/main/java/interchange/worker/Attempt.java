package interchange.worker;

import interchange.proto.worker.Finished;
import interchange.proto.worker.Task;
import interchange.worker.files.Folder;
import interchange.worker.files.Order;
import interchange.worker.files.PackOrder;
import interchange.worker.files.Prints;
import interchange.worker.process.Environment;
import interchange.worker.process.JobProcess;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;

/** An attempt that this worker holds: it waits, runs, or has ended and is not acknowledged. The loop's. */
final class Attempt {
    private final AttemptId id;
    private final Task task;
    private final Environment environment;
    private Optional<JobProcess> process = Optional.empty();
    private long startedEpochMillis;
    private Optional<Timers.Timer> timer = Optional.empty();
    private Finished.Cause killedFor = Finished.Cause.ENDED;
    private Optional<Finished> result = Optional.empty();
    private Optional<Folder> folder = Optional.empty();
    private BitSet cores = new BitSet();
    private String why = "";
    private boolean toldToBeOver;
    private boolean calledLast;
    private boolean hadKill;
    private Optional<Prints> prints = Optional.empty();
    private boolean hasKeptEarlier;
    private long resultSentNanos;

    Attempt(AttemptId id, Task task, Environment environment) {
        this.id = id;
        this.task = task;
        this.environment = environment;
    }

    AttemptId id() {
        return id;
    }

    Task task() {
        return task;
    }

    Environment environment() {
        return environment;
    }

    /** Whether it runs in a directory of its own, to and from which its files travel. */
    boolean hasFiles() {
        return task.getFilesCount() > 0;
    }

    /** Whether what it makes or prints is sent to the daemon. */
    boolean travels() {
        return hasFiles() || task.getPrints().getStream();
    }

    /** Whether what it prints goes into a pack. */
    boolean isPacked() {
        return !travels() && !task.getPrints().getPackDirectory().isEmpty();
    }

    private boolean oneLog() {
        return !task.getStdout().isEmpty() && task.getStdout().equals(task.getStderr());
    }

    /** What the courier is to bring. */
    Order order() {
        return new Order(id.toProto(), task.getFilesList(), oneLog());
    }

    /** What the courier is to pack, once it is lodged. */
    PackOrder packOrder() {
        return new PackOrder(
                id.toProto(),
                task.getName(),
                Path.of(task.getPrints().getPackDirectory()),
                environment.umask(),
                prints.orElseThrow());
    }

    /** Where it prints until that is packed or sent; empty: into the files that it names, or not known yet. */
    Optional<Prints> prints() {
        return prints;
    }

    void lodge(Path lodging) {
        prints = Optional.of(Prints.in(lodging, id.toProto(), oneLog()));
    }

    /** Its own directory, once its inputs are there. */
    Optional<Folder> folder() {
        return folder;
    }

    void folder(Folder made) {
        folder = Optional.of(made);
        prints = Optional.of(new Prints(made.stdout(), made.stderr()));
    }

    void started(JobProcess by, long epochMillis) {
        process = Optional.of(by);
        startedEpochMillis = epochMillis;
    }

    /** Whether what the one before has printed is to be put aside: once, since the start may be tried again. */
    boolean keepsEarlier() {
        boolean first = !hasKeptEarlier;
        hasKeptEarlier = true;
        return first;
    }

    boolean isRunning() {
        return process.isPresent() && result.isEmpty();
    }

    /** Of one that has started. */
    JobProcess process() {
        return process.orElseThrow();
    }

    /** 0: it has not started. */
    long startedEpochMillis() {
        return startedEpochMillis;
    }

    /** What it waits for: the end of its walltime or of its last call, then that of the grace. At most one at a time. */
    Optional<Timers.Timer> timer() {
        return timer;
    }

    void timer(Optional<Timers.Timer> next) {
        timer = next;
    }

    boolean isBeingKilled() {
        return killedFor != Finished.Cause.ENDED;
    }

    void killedFor(Finished.Cause cause) {
        killedFor = cause;
    }

    /** ENDED while nobody has killed it. */
    Finished.Cause killedFor() {
        return killedFor;
    }

    /** In words, how it came to take too much memory; empty: it did not. */
    String why() {
        return why;
    }

    void why(String words) {
        why = words;
    }

    /** That it has for itself alone; empty: it runs where it likes. */
    BitSet cores() {
        return cores;
    }

    void cores(BitSet own) {
        cores = own;
    }

    /** Whether it was said that it takes more memory than it asked for. */
    boolean isToldToBeOver() {
        return toldToBeOver;
    }

    void toldToBeOver() {
        toldToBeOver = true;
    }

    /** Whether it was told that its block is about to end, and may still end well. */
    boolean isCalledLast() {
        return calledLast;
    }

    void calledLast() {
        calledLast = true;
    }

    /** Whether nothing more can be done to end it. */
    boolean hasHadKill() {
        return hadKill;
    }

    void hadKill() {
        hadKill = true;
    }

    void ended(Finished with) {
        result = Optional.of(with);
    }

    Optional<Finished> result() {
        return result;
    }

    long resultSentNanos() {
        return resultSentNanos;
    }

    void resultSent(long nanos) {
        resultSentNanos = nanos;
    }
}
