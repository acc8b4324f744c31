package interchange.simulation;

import interchange.core.Change;
import interchange.core.Recovered;
import interchange.core.RunGraph;
import interchange.core.Shape;
import interchange.core.Site;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JobSpec;
import interchange.journal.Journal;
import interchange.journal.JournalBlockedException;
import interchange.journal.RunHeader;
import interchange.journal.SqliteJournal;
import interchange.journal.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The real journal beside the {@link Ledger}: it is written alike and must give back the same. */
final class SqliteTwin implements AutoCloseable {
    private final Path file;
    private final EnvironmentFiles environments;
    private final List<Site> sites;
    private Journal journal;

    SqliteTwin(Path directory, List<Site> sites) {
        this.sites = sites;
        this.file = directory.resolve("journal.db");
        try {
            this.environments = new EnvironmentFiles(Files.createDirectories(directory.resolve("environments")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        this.journal = open();
        recover();
        write(sites.stream()
                .<Write>map(site -> new Write.SiteStored(site.index(), site.name(), "{}"))
                .toList());
    }

    private Journal open() {
        try {
            return SqliteJournal.open(file, environments);
        } catch (JournalBlockedException e) {
            throw new AssertionError(e);
        }
    }

    void stage(SimRun run) {
        RunGraph graph = run.graph;
        List<JobSpec> specs = specs(run, 0, graph.jobs());
        write(List.of(
                new Write.StageDropped(graph.run()),
                new Write.RunStaged(new RunHeader(
                        graph.run(),
                        "submission" + graph.run(),
                        "global" + graph.run(),
                        "run" + graph.run(),
                        "/nowhere/" + graph.run(),
                        sites.getFirst().name(),
                        Map.of(),
                        graph.labelTable(),
                        run.maxJobs,
                        List.of(),
                        graph.jobs(),
                        0)),
                new Write.JobsStaged(graph.run(), specs)));
    }

    /** As a daemon stages what a job has brought, having removed what an earlier one has staged. */
    void stageBrought(SimRun run, RunGraph larger) {
        int id = larger.run();
        write(List.of(new Write.TailDropped(id, run.graph.jobs(), larger.jobs())));
        write(List.of(new Write.LabelsStaged(id, larger.labelTable(), run.maxJobs)));
        write(List.of(new Write.JobsStaged(id, specs(run, run.graph.jobs(), larger.jobs()))));
    }

    private static List<JobSpec> specs(SimRun run, int from, int to) {
        List<JobSpec> specs = new ArrayList<>();
        for (int job = from; job < to; job++) {
            specs.add(spec(run, job));
        }
        return specs;
    }

    private static JobSpec spec(SimRun run, int job) {
        RunGraph graph = run.whole();
        Shape shape = graph.shapeOf(job);
        return new JobSpec(
                job,
                "job" + job,
                graph.labelTable().get(graph.labels()[job]),
                run.parents(job).stream()
                        .filter(parent -> job >= run.graph.jobs() || parent < run.graph.jobs())
                        .toList(),
                List.of("true"),
                "/",
                "/dev/null",
                "/dev/null",
                shape.site(),
                shape.cpus(),
                shape.memoryMiB(),
                shape.diskMiB(),
                shape.walltimeSeconds(),
                graph.priorities()[job],
                graph.policyOf(job),
                0,
                shape.limits(),
                graph.traits()[job],
                "",
                List.of());
    }

    void commit(List<Change> changes) {
        write(changes.stream().<Write>map(Write.Decided::new).toList());
    }

    private void write(List<Write> writes) {
        try {
            journal.commit(writes);
        } catch (JournalBlockedException e) {
            throw new AssertionError(e);
        }
    }

    /** As a daemon does at its start, on a file that the one before it has left. */
    Recovered recover() {
        journal.close();
        journal = open();
        try {
            Journal.Recovery recovery = journal.recover((index, settings) -> sites.get(index - 1));
            if (!recovery.heldRuns().isEmpty()) {
                throw new AssertionError("held: " + recovery.heldRuns());
            }
            return recovery.recovered();
        } catch (JournalBlockedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        journal.close();
    }
}
