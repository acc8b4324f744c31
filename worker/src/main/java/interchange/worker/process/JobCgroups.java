package interchange.worker.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a cgroup (version 2) for each job, where this worker may: where it and what started it have a cgroup to themselves,
 * with the memory controller, in which they may make others. The kernel then counts all that a job takes, whatever
 * becomes of its processes.
 *
 * <p>To move a process, the kernel waits until all others have been seen to leave it for a moment, which takes
 * milliseconds: too much for short jobs, and for the thread that starts them. So only those that have run for a while are
 * moved, by a thread of its own.
 */
public final class JobCgroups {
    private static final Logger LOG = LoggerFactory.getLogger(JobCgroups.class);

    /** Of the worker and its keeper: a cgroup has either processes or controlled cgroups in it. */
    static final String WORKER = "interchange-worker";

    private static final String JOB = "interchange-job-";
    private static final String PROCESSES = "cgroup.procs";
    private static final String CONTROL = "cgroup.subtree_control";
    private static final String MEMORY = "memory";

    /** Where making them is so slow that more than this wait, as in a file system that hangs, the others go without. */
    static final int WAITING_MAX = 512;

    private final Path directory;
    private final BlockingQueue<JobProcess> waiting = new ArrayBlockingQueue<>(WAITING_MAX);
    private int count;
    /** The sampler's. */
    private boolean toldToBeSlow;

    /** @param directory in which cgroups can be made, and have the memory controller */
    JobCgroups(Path directory) {
        this.directory = directory;
    }

    /** Empty: it may not. */
    public static Optional<JobCgroups> ofThisProcess() {
        try {
            Optional<Path> own = MemoryCgroup.unified(
                    Files.readAllLines(Path.of("/proc/self/cgroup")),
                    Files.readAllLines(Path.of("/proc/self/mountinfo")));
            return own.isEmpty() ? Optional.empty() : in(own.get(), Libc.processId(), ownLine());
        } catch (IOException e) {
            return Optional.empty(); // A kernel without cgroups.
        }
    }

    /** @param line this process and those that it descends from */
    static Optional<JobCgroups> in(Path own, int self, Set<Integer> line) {
        boolean again = own.endsWith(WORKER);
        Path directory = again ? Optional.ofNullable(own.getParent()).orElse(own) : own;
        try {
            boolean may = again
                    ? words(directory.resolve(CONTROL)).contains(MEMORY)
                    : isOurs(own, line) && prepare(own, self);
            if (!may) {
                return Optional.empty();
            }
            removeLeftovers(directory);
            LOG.info("each job has a cgroup in {}", directory);
            var cgroups = new JobCgroups(directory);
            Thread.ofPlatform().name("cgroups").daemon().start(cgroups::run);
            return Optional.of(cgroups);
        } catch (IOException e) {
            LOG.info("jobs have no cgroups of their own: {}", e.toString());
            return Optional.empty();
        }
    }

    private static boolean isOurs(Path own, Set<Integer> line) throws IOException {
        return Files.isWritable(own)
                && Files.isWritable(own.resolve(PROCESSES))
                && Files.isWritable(own.resolve(CONTROL))
                && words(own.resolve("cgroup.controllers")).contains(MEMORY)
                && words(own.resolve(PROCESSES)).stream().map(Integer::valueOf).allMatch(line::contains);
    }

    /** Moves what is in it one down, this process last: so nothing is lost where it breaks off. */
    private static boolean prepare(Path own, int self) throws IOException {
        Path below = own.resolve(WORKER);
        if (!Files.isDirectory(below)) {
            Files.createDirectory(below);
        }
        for (String pid : words(own.resolve(PROCESSES))) {
            if (!pid.equals(Integer.toString(self))) {
                write(below.resolve(PROCESSES), pid);
            }
        }
        write(below.resolve(PROCESSES), Integer.toString(self));
        write(own.resolve(CONTROL), '+' + MEMORY);
        return true;
    }

    private static Set<Integer> ownLine() {
        var line = new HashSet<Integer>();
        var buffer = new byte[8192];
        Optional<ProcessStat> at = ProcessStat.read(Libc.processId(), buffer);
        while (at.isPresent()) {
            line.add(at.get().pid());
            at = ProcessStat.read(at.get().parent(), buffer);
        }
        return line;
    }

    /** Of a worker that died. */
    private static void removeLeftovers(Path directory) throws IOException {
        try (DirectoryStream<Path> old = Files.newDirectoryStream(directory, JOB + '*')) {
            for (Path one : old) {
                new JobCgroup(one).close();
            }
        }
    }

    /** Puts a job into a cgroup of its own, soon, unless too many wait for that. The sampler's. */
    void take(JobProcess job) {
        if (!waiting.offer(job) && !toldToBeSlow) {
            toldToBeSlow = true;
            LOG.warn(
                    "{} jobs wait for cgroups in {}, which is slow: some have none, and what they took is known less well",
                    WAITING_MAX,
                    directory);
        }
    }

    int waitingCount() {
        return waiting.size();
    }

    private void run() {
        while (true) {
            try {
                place(waiting.take());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** What it took before stays where it was counted; of that the other measures tell. */
    void place(JobProcess job) {
        if (job.isOver()) {
            return;
        }
        Path one = directory.resolve(JOB + count++);
        var cgroup = new JobCgroup(one);
        try {
            Files.createDirectory(one);
            if (job.isIn(cgroup)) {
                move(job.pid(), one.resolve(PROCESSES));
            } else {
                cgroup.close();
            }
        } catch (IOException e) {
            LOG.debug("job {} has no cgroup of its own: {}", job.pid(), e.toString());
        }
    }

    /** Those that it has already; others begin where it is. */
    private static void move(int pid, Path processes) throws IOException {
        write(processes, Integer.toString(pid));
        Path children = Path.of("/proc", Integer.toString(pid), "task", Integer.toString(pid), "children");
        if (Files.isReadable(children)) {
            for (String child : words(children)) {
                moveIfThere(Integer.parseInt(child), processes);
            }
        }
    }

    private static void moveIfThere(int pid, Path processes) {
        try {
            move(pid, processes);
        } catch (IOException e) {
            LOG.debug("process {} was over before it could be moved: {}", pid, e.toString());
        }
    }

    private static List<String> words(Path file) throws IOException {
        return List.of(Files.readString(file, StandardCharsets.US_ASCII).strip().split("\\s+")).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    static void write(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardCharsets.US_ASCII);
    }
}
