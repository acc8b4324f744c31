package interchange.workflow;

import interchange.core.JobTraits;
import interchange.journal.JobFile;
import interchange.journal.JobSpec;
import interchange.workflow.SiteResolver.RunSite;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** The second reading of a workflow, which is known to be right: makes rows of jobs and hands them on in chunks. */
final class JobStager implements WorkflowWalk.Visitor {
    /** A chunk is one transaction, and one turn of the conductor: some twenty milliseconds. */
    static final int CHUNK_JOBS_MAX = 2_000;

    private static final int CHUNK_CHARS_MAX = 8 << 20;
    private static final String SHELL = "/bin/bash";

    private final String submitDirectory;
    private final JobScan scan;
    private final Placement placement;
    private final Problems problems;
    private final Environments environments;
    private final Consumer<List<JobSpec>> chunks;
    private List<JobSpec> chunk = new ArrayList<>();
    private long chunkChars;
    private int jobs;

    JobStager(
            String submitDirectory,
            JobScan scan,
            Placement placement,
            Problems problems,
            Environments environments,
            Consumer<List<JobSpec>> chunks) {
        this.submitDirectory = submitDirectory.replaceAll("(?<=.)/+$", "");
        this.scan = scan;
        this.placement = placement;
        this.problems = problems;
        this.chunks = chunks;
        this.environments = environments;
    }

    @Override
    public void onJob(long line, JobLine job) throws WorkflowException {
        if (!scan.names().is(jobs, job.name)) {
            throw changed(line);
        }
        RunSite site = placement.siteOf(line, job).orElseThrow(() -> changed(line));
        chunk.add(spec(line, job, site));
        jobs++;
        if (environments.tooMany()) {
            problems.addToJob(
                    line,
                    job.name,
                    "is the first beyond " + Environments.DIFFERENT_MAX
                            + " different environments; give what differs in arguments");
            throw problems.exception();
        }
        if (chunk.size() >= CHUNK_JOBS_MAX || chunkChars >= CHUNK_CHARS_MAX) {
            flush();
        }
    }

    /** Hands on what is left. */
    void finish() throws WorkflowException {
        if (jobs != scan.jobs()) {
            throw changed(0);
        }
        scan.closing().ifPresent(last -> chunk.add(spec(last)));
        flush();
    }

    private JobSpec spec(JobScan.Closing last) {
        return new JobSpec(
                last.job(),
                last.name(),
                JobTraits.NOOP_LABEL,
                Arrays.stream(scan.sinks()).boxed().toList(),
                List.of(),
                "",
                "",
                "",
                last.shape().site(),
                last.shape().cpus(),
                last.shape().memoryMiB(),
                last.shape().diskMiB(),
                last.shape().walltimeSeconds(),
                0,
                last.policy(),
                0,
                last.shape().limits(),
                JobTraits.NOOP,
                "",
                List.of());
    }

    private void flush() {
        if (!chunk.isEmpty()) {
            chunks.accept(chunk);
            chunk = new ArrayList<>(CHUNK_JOBS_MAX);
            chunkChars = 0;
        }
    }

    private WorkflowException changed(long line) {
        problems.add(line, "was changed while it was read; submit it again");
        return problems.exception();
    }

    private JobSpec spec(long line, JobLine job, RunSite site) throws WorkflowException {
        List<String> argv = job.isNoop() ? List.of() : argv(job, site.config().commandPrefix());
        chunkChars += argv.stream().mapToLong(String::length).sum();
        return new JobSpec(
                scan.offset() + jobs,
                job.name,
                JobScan.labelOf(job),
                parents(line, job),
                argv,
                job.directory.isEmpty() ? submitDirectory : absolute(job.directory),
                job.stdout.isEmpty() ? log(job, ".stdout") : absolute(job.stdout),
                job.stderr.isEmpty() ? log(job, ".stderr") : absolute(job.stderr),
                site.index(),
                (int) Math.max(1, job.cpus),
                (int) job.memoryMiB,
                (int) job.diskMiB,
                (int) job.walltimeSeconds,
                (int) job.priority,
                scan.policyOf(job, java.util.Optional.of(site)),
                environments.numberOf(job, site.config().environment()),
                job.concurrencyLimit.strip(),
                JobScan.traitsOf(job),
                job.brings.isEmpty() ? "" : absolute(job.brings),
                files(job));
    }

    private List<Integer> parents(long line, JobLine job) throws WorkflowException {
        int[] parents = new int[job.needs.size()];
        for (int i = 0; i < parents.length; i++) {
            parents[i] = scan.names().jobOf(scan.names().idOf(job.needs.get(i)));
            if (parents[i] == JobNames.NO_JOB) {
                throw changed(line);
            }
        }
        return Arrays.stream(scan.inRun(jobs, parents)).boxed().toList();
    }

    private List<JobFile> files(JobLine job) {
        return job.files.stream()
                .map(file -> new JobFile(absolute(file.path), JobChecks.fileName(file), kind(file)))
                .toList();
    }

    private static JobFile.Kind kind(JobLine.FileEntry file) {
        if (file.output) {
            return JobFile.Kind.OUTPUT;
        }
        return file.executable ? JobFile.Kind.EXECUTABLE : JobFile.Kind.INPUT;
    }

    /** The site's prefix runs in the same shell, so that what it sets holds for the command. */
    private static List<String> argv(JobLine job, String prefix) {
        if (!job.argv.isEmpty()) {
            if (prefix.isBlank()) {
                return List.copyOf(job.argv);
            }
            List<String> argv = new ArrayList<>(List.of(SHELL, "-c", prefix + "\nexec \"$@\"", "bash"));
            argv.addAll(job.argv);
            return argv;
        }
        return List.of(SHELL, "-c", prefix.isBlank() ? job.command : prefix + "\n" + job.command);
    }

    private String log(JobLine job, String suffix) {
        return absolute("logs/" + job.name + suffix);
    }

    private String absolute(String path) {
        return path.startsWith("/") ? path : submitDirectory + "/" + path;
    }
}
