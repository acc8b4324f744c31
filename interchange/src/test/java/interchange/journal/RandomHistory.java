package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.AttemptId;
import interchange.core.BlockPhase;
import interchange.core.Change;
import interchange.core.JobEnd;
import interchange.core.JobTraits;
import interchange.core.Outcome;
import interchange.core.Place;
import interchange.core.RunState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Transactions as a daemon might write them, by chance: every kind of change, in an order that can happen. */
final class RandomHistory {
    private static final int CHANGES_MAX = 12;
    private static final int JOBS_MAX = 12;
    private static final List<Integer> TRAITS =
            List.of(JobTraits.NONE, JobTraits.NONE, JobTraits.NONE, JobTraits.NOOP, JobTraits.JOIN, JobTraits.BRINGS);

    private final Random random;
    private final List<Integer> staged = new ArrayList<>();
    private final Map<Integer, Integer> visible = new HashMap<>();
    private final Map<Integer, Integer> generations = new HashMap<>();
    private final List<AttemptId> open = new ArrayList<>();
    private final Map<AttemptId, Integer> workerOf = new HashMap<>();

    /** Jobs that have ended since their run was last restarted, or have succeeded before. */
    private final Map<String, JobEnd> ended = new HashMap<>();

    private final List<Integer> growing = new ArrayList<>();
    private final Set<String> finals = new HashSet<>();

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<Integer> workers = new ArrayList<>();
    private int sites;
    private int runs;
    private int blocks;
    private int workersEver;
    private long now = Samples.NOW;

    RandomHistory(long seed) {
        random = new Random(seed);
    }

    /** What a crash forgets. */
    void crash() {
        staged.clear();
        growing.clear();
    }

    List<Integer> visibleRuns() {
        return List.copyOf(visible.keySet());
    }

    List<Write> transaction() {
        List<Write> writes = new ArrayList<>();
        if (sites == 0) {
            writes.add(new Write.SiteStored(++sites, "site", "4096"));
        }
        int count = 1 + random.nextInt(CHANGES_MAX);
        for (int i = 0; i < count; i++) {
            now += random.nextInt(1_000);
            switch (random.nextInt(15)) {
                case 0 -> stage(writes);
                case 1 -> appearOrDrop(writes);
                case 2, 3, 4 -> assign(writes);
                case 5, 6, 7 -> go(writes);
                case 8 -> endJob(writes);
                case 9 -> changeRun(writes);
                case 10 -> changeBlock(writes);
                case 11 -> raiseMemory(writes);
                case 12 -> grow(writes);
                case 13 -> writes.add(Samples.decided(new Change.RunNoted(anyRun().orElse(1), "note " + now)));
                default -> changeWorker(writes);
            }
        }
        return writes;
    }

    private void stage(List<Write> writes) {
        if (random.nextBoolean()) {
            writes.add(new Write.SiteStored(++sites, "site", Integer.toString(256 << random.nextInt(3))));
        }
        int run = ++runs;
        int jobs = 1 + random.nextInt(JOBS_MAX);
        writes.add(new Write.RunStaged(Samples.header(run, jobs)));
        boolean hasFinal = random.nextBoolean();
        List<JobSpec> chunk = new ArrayList<>();
        for (int job = 0; job < jobs; job++) {
            boolean last = hasFinal && job == jobs - 1;
            if (last) {
                finals.add(run + "." + job);
            }
            int traits = last ? JobTraits.FINAL : TRAITS.get(random.nextInt(TRAITS.size()));
            List<Integer> needs = new ArrayList<>();
            for (int need = random.nextInt(4); need > 0 && job > 0 && !last; need--) {
                needs.add(random.nextInt(job));
            }
            chunk.add(drawn(traits, job, needs));
            if (random.nextInt(4) == 0) {
                writes.add(new Write.JobsStaged(run, chunk));
                chunk.clear();
            }
        }
        writes.add(new Write.JobsStaged(run, chunk));
        staged.add(run);
        numbers.put("jobs" + run, jobs);
    }

    private JobSpec drawn(int traits, int job, List<Integer> needs) {
        boolean noop = JobTraits.has(traits, JobTraits.NOOP | JobTraits.JOIN);
        String label = noop ? JobTraits.NOOP_LABEL : "label" + random.nextInt(4);
        return Samples.job(traits, job, label, 1 + random.nextInt(6), needs.toArray(Integer[]::new));
    }

    private void raiseMemory(List<Write> writes) {
        anyRun().ifPresent(run -> {
            int job = anyJob(run);
            if (!ended.containsKey(run + "." + job)) {
                writes.add(Samples.decided(new Change.MemoryRaised(run, job, 1_000 + random.nextInt(9_000))));
            }
        });
    }

    /** Stages jobs behind those of a run, and later lets them be seen, or not. */
    private void grow(List<Write> writes) {
        Optional<Integer> chosen = anyRun();
        if (chosen.isEmpty()) {
            return;
        }
        int run = chosen.get();
        int jobs = visible.getOrDefault(run, 0);
        if (!growing.contains(run)) {
            // What a crash has left of an earlier try goes first.
            writes.add(new Write.TailDropped(run, jobs, jobs + JOBS_MAX));
            writes.add(new Write.LabelsStaged(run, List.of("label1", "late" + random.nextInt(3)), Map.of("late1", 7)));
            writes.add(new Write.JobsStaged(
                    run,
                    List.of(drawn(JobTraits.NONE, jobs, List.of()), drawn(JobTraits.JOIN, jobs + 1, List.of(jobs)))));
            growing.add(run);
        } else {
            growing.remove(Integer.valueOf(run));
            writes.add(Samples.decided(new Change.RunGrew(run, jobs + 2, waiting(run, jobs))));
            visible.put(run, jobs + 2);
        }
    }

    /** One that nothing new needs, and no final one. */
    private List<Integer> waiting(int run, int jobs) {
        int job = random.nextInt(jobs);
        return finals.contains(run + "." + job) ? List.of() : List.of(job);
    }

    private void appearOrDrop(List<Write> writes) {
        if (staged.isEmpty()) {
            return;
        }
        int run = staged.remove(random.nextInt(staged.size()));
        if (random.nextInt(4) == 0) {
            writes.add(new Write.StageDropped(run));
        } else {
            writes.add(Samples.decided(new Change.RunAppeared(run, now)));
            visible.put(run, numbers.getOrDefault("jobs" + run, 0));
            generations.put(run, 0);
        }
    }

    private void assign(List<Write> writes) {
        Optional<Integer> chosen = anyRun();
        if (chosen.isEmpty() || workers.isEmpty()) {
            return;
        }
        int run = chosen.get();
        int job = anyJob(run);
        if (ended.containsKey(run + "." + job) || hasOpen(run, job)) {
            return;
        }
        int number = numbers.merge(run + "." + job, 1, Integer::sum) - 1;
        AttemptId attempt = new AttemptId(run, job, number);
        int worker = workers.get(random.nextInt(workers.size()));
        writes.add(Samples.decided(new Change.AttemptAssigned(attempt, generations.getOrDefault(run, 0), worker, now)));
        open.add(attempt);
        workerOf.put(attempt, worker);
    }

    private boolean hasOpen(int run, int job) {
        return open.stream().anyMatch(attempt -> attempt.run() == run && attempt.job() == job);
    }

    private void go(List<Write> writes) {
        if (open.isEmpty()) {
            return;
        }
        int chosen = random.nextInt(open.size());
        AttemptId attempt = open.get(chosen);
        if (random.nextBoolean()) {
            writes.add(Samples.decided(new Change.AttemptBegan(attempt, now)));
            return;
        }
        open.remove(chosen);
        AttemptEnd end = AttemptEnd.of(random.nextInt(AttemptEnd.values().length));
        Outcome outcome = new Outcome(
                Outcome.Cause.ENDED,
                random.nextInt(3),
                random.nextInt(2),
                "",
                now - 5,
                now,
                random.nextInt(),
                1,
                false);
        writes.add(Samples.decided(new Change.AttemptEnded(attempt, end, outcome)));
    }

    private void endJob(List<Write> writes) {
        anyRun().ifPresent(run -> {
            JobEnd end = JobEnd.of(random.nextInt(JobEnd.values().length));
            int job = anyJob(run);
            if (!hasOpen(run, job)) {
                ended.put(run + "." + job, end);
                writes.add(Samples.jobEnded(run, job, end));
            }
        });
    }

    private void changeRun(List<Write> writes) {
        anyRun().ifPresent(run -> {
            switch (random.nextInt(4)) {
                case 3 -> writes.add(Samples.decided(new Change.RunAborting(run, anyJob(run), random.nextInt(2))));
                case 0 -> writes.add(Samples.became(run, RunState.of(random.nextInt(4)), now));
                case 1 ->
                    writes.add(Samples.decided(
                            new Change.RunCancelling(run, "cancel" + random.nextInt(), random.nextBoolean())));
                default -> {
                    int generation = generations.merge(run, 1, Integer::sum);
                    ended.entrySet()
                            .removeIf(end -> end.getKey().startsWith(run + ".") && end.getValue() != JobEnd.SUCCEEDED);
                    writes.add(Samples.decided(new Change.RunRestarted(run, "restart" + random.nextInt(), generation)));
                }
            }
        });
    }

    private void changeBlock(List<Write> writes) {
        if (blocks == 0 || random.nextInt(3) == 0) {
            writes.add(Samples.decided(new Change.BlockIntended(++blocks, 1, "token" + blocks, 1, now)));
            return;
        }
        Optional<String> batchId = random.nextBoolean() ? Optional.of("batch" + random.nextInt(99)) : Optional.empty();
        BlockPhase phase = BlockPhase.of(random.nextInt(BlockPhase.values().length));
        int block = 1 + random.nextInt(blocks);
        writes.add(Samples.decided(new Change.BlockBecame(block, phase, batchId, "message" + phase, now)));
        writes.add(Samples.decided(new Change.SiteBecame(1, random.nextInt(4), random.nextBoolean() ? "" : "words")));
    }

    private void changeWorker(List<Write> writes) {
        if (blocks == 0) {
            return;
        }
        if (workers.size() < 2 || random.nextBoolean()) {
            int worker = ++workersEver;
            workers.add(worker);
            Place place = new Place(1 + random.nextInt(blocks), random.nextInt(2), random.nextInt(2));
            writes.add(Samples.decided(new Change.WorkerJoined(
                    worker, place, random.nextInt(3), "i" + worker, "host", random.nextLong(), 2, 64, now, now)));
        } else {
            int worker = workers.get(random.nextInt(workers.size()));
            if (open.stream().anyMatch(attempt -> Objects.equals(workerOf.get(attempt), worker))) {
                return;
            }
            workers.remove(Integer.valueOf(worker));
            writes.add(Samples.decided(new Change.WorkerLeft(worker, "reason", now)));
        }
    }

    private Optional<Integer> anyRun() {
        List<Integer> all = visibleRuns();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(random.nextInt(all.size())));
    }

    private int anyJob(int run) {
        return random.nextInt(visible.getOrDefault(run, 1));
    }
}
