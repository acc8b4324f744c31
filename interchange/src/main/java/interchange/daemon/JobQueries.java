package interchange.daemon;

import interchange.core.AttemptEnd;
import interchange.core.JobTraits;
import interchange.core.RunState;
import interchange.journal.JobSpec;
import interchange.journal.JournalReader;
import interchange.journal.JournalReader.AttemptRow;
import interchange.proto.control.ExplainResponse;
import interchange.proto.control.JobResponse;
import interchange.proto.control.JobRow;
import interchange.proto.control.JobState;
import interchange.proto.control.JobsRequest;
import interchange.proto.control.JobsResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/** Answers about jobs. Query thread. */
final class JobQueries {
    /** Rows in one answer, whatever was asked for: a client pages. */
    private static final int PAGE_MAX = 10_000;

    /** Rows that are read at a time where the label decides. */
    private static final int SCAN = 1_000;

    private final RunLookup runs;
    private final Live live;
    private final JournalReader reader;
    private final PackPlaces packs;

    JobQueries(RunLookup runs, Live live, JournalReader reader) {
        this.runs = runs;
        this.live = live;
        this.reader = reader;
        packs = new PackPlaces(reader);
    }

    /** The states of a run's jobs at one moment. */
    private record States(int jobs, boolean ended, IntFunction<JobState> of) {}

    private States states(int run) throws RequestException {
        Optional<byte[]> now = live.ask((scheduler, at) -> scheduler.jobStates(run));
        if (now.isPresent()) {
            byte[] ordinals = now.get();
            return new States(ordinals.length, false, job -> JobStates.live(ordinals[job]));
        }
        RunState state = reader.run(run)
                .orElseThrow(() -> RequestException.noRun(Integer.toString(run)))
                .state();
        byte[] ends = reader.ends(run);
        return new States(ends.length, true, job -> JobStates.stored(ends[job], state));
    }

    JobsResponse jobs(JobsRequest request) throws RequestException {
        int run = runs.find(request.getRun());
        States states = states(run);
        Set<JobState> wanted = new HashSet<>(request.getStatesList());
        Set<String> labels = new HashSet<>(request.getLabelsList());
        int limit = request.getLimit() <= 0 ? PAGE_MAX : Math.min(request.getLimit(), PAGE_MAX);
        JobsResponse.Builder page = JobsResponse.newBuilder();
        int next = Math.max(0, request.getAfter() + 1);
        while (page.getJobsCount() < limit) {
            // Rows are read only around jobs that are in a wanted state: failed ones are few among a million.
            next = firstWanted(states, wanted, next);
            int end = firstUnwanted(states, wanted, next, next + Math.min(SCAN, limit));
            if (next >= states.jobs()) {
                break;
            }
            for (JournalReader.JobRow row : reader.jobs(run, next - 1, end - next)) {
                boolean wantedLabel = labels.isEmpty() || labels.contains(row.label());
                if (page.getJobsCount() < limit && wantedLabel && !row.label().equals(JobTraits.NOOP_LABEL)) {
                    page.addJobs(row(row, states.of().apply(row.job())));
                }
            }
            next = end;
        }
        return page.build();
    }

    private static int firstWanted(States states, Set<JobState> wanted, int from) {
        int job = from;
        while (job < states.jobs()
                && !wanted.isEmpty()
                && !wanted.contains(states.of().apply(job))) {
            job++;
        }
        return job;
    }

    private static int firstUnwanted(States states, Set<JobState> wanted, int from, int limit) {
        int job = from;
        while (job < states.jobs()
                && job < limit
                && (wanted.isEmpty() || wanted.contains(states.of().apply(job)))) {
            job++;
        }
        return job;
    }

    JobResponse job(String runName, String jobName) throws RequestException {
        int run = runs.find(runName);
        int job = find(run, jobName);
        JobSpec spec = reader.job(run, job);
        States states = states(run);
        JobResponse.Builder response = JobResponse.newBuilder()
                .setJob(row(run, job, states))
                .setStdout(spec.stdout())
                .setStderr(spec.stderr())
                .setCommand(command(spec.argv()))
                .setRunEnded(states.ended());
        var places = new PrintedPlaces(reader, packs, run, spec);
        for (AttemptRow attempt : reader.attempts(run, job)) {
            response.addPrinted(places.of(attempt.number()));
            JobRow.Builder row = JobRow.newBuilder()
                    .setIndex(job)
                    .setName(spec.name())
                    .setLabel(spec.label())
                    .setAttempts(attempt.number());
            fill(row, attempt);
            response.addAttempts(row);
        }
        return response.build();
    }

    ExplainResponse explain(String runName, String jobName) throws RequestException {
        int run = runs.find(runName);
        int job = find(run, jobName);
        List<String> reasons = live.ask(
                (scheduler, now) -> scheduler.run(run).isPresent() ? scheduler.explain(run, job, now) : List.of());
        States states = states(run);
        ExplainResponse.Builder response = ExplainResponse.newBuilder().setJob(row(run, job, states));
        if (reasons.isEmpty()) {
            JournalReader.RunRow row = reader.run(run).orElseThrow(() -> RequestException.noRun(Integer.toString(run)));
            return response.addReasons(ended(row)).build();
        }
        return response.addAllReasons(reasons).build();
    }

    private static String ended(JournalReader.RunRow row) {
        int run = row.header().run();
        if (row.state() == RunState.HELD) {
            return "run " + run + " is held: " + row.held();
        }
        return "run " + run + " has ended (" + row.state() + "); `interchange restart " + run
                + "` runs what has not succeeded";
    }

    private int find(int run, String job) throws RequestException {
        return reader.findJob(run, job).orElseThrow(() -> RequestException.noJob(job, run));
    }

    private JobRow row(int run, int job, States states) {
        return row(reader.jobs(run, job - 1, 1).getFirst(), states.of().apply(job));
    }

    private static JobRow row(JournalReader.JobRow stored, JobState state) {
        JobRow.Builder row = JobRow.newBuilder()
                .setIndex(stored.job())
                .setName(stored.name())
                .setLabel(stored.label())
                .setState(state)
                .setAttempts(stored.attempts())
                .setMemoryMib(stored.memoryMiB());
        stored.last().ifPresent(attempt -> fill(row, attempt));
        return row.build();
    }

    private static void fill(JobRow.Builder row, AttemptRow attempt) {
        attempt.end().ifPresent(end -> {
            row.setCause(end.name()).setSignal(attempt.signal());
            boolean exited = end == AttemptEnd.SUCCEEDED || end == AttemptEnd.FAILED;
            if (exited && attempt.signal() == 0 && attempt.startedEpochMillis() > 0) {
                row.setExitCode(attempt.exitCode());
            }
            if (!attempt.message().isEmpty()) {
                row.setCause(end.name() + ": " + attempt.message());
            }
        });
        row.setHost(attempt.host())
                .setStartedEpochMillis(attempt.startedEpochMillis())
                .setEndedEpochMillis(attempt.endedEpochMillis())
                .setCpuMillis(attempt.cpuMillis())
                .setPeakMemoryMib(attempt.peakMemoryMiB())
                .setWarm(attempt.warm());
    }

    /** A shell command as its user wrote it; an argument vector with quotes where the shell would need them. */
    static String command(List<String> argv) {
        if (argv.size() == 3 && argv.get(0).equals("/bin/bash") && argv.get(1).equals("-c")) {
            return argv.get(2);
        }
        return String.join(" ", argv.stream().map(JobQueries::quoted).toList());
    }

    private static String quoted(String argument) {
        boolean plain = argument.matches("[A-Za-z0-9_@%+=:,./-]+");
        return plain ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
