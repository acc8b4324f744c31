package interchange.journal;

import interchange.core.JobTraits;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** Writes submissions, part by part. */
final class StageWriter {
    private final Batch header;
    private final Batch attribute;
    private final Batch note;
    private final Batch label;
    private final Batch job;
    private final Batch command;
    private final Batch state;
    private final Batch file;
    private final Batch site;
    private final PreparedStatement labelsOf;
    private final Doom doom;

    /** Labels of the run that is being staged, as far as they are committed or in this transaction. */
    private final Map<String, Integer> labels = new HashMap<>();

    private int labelsRun = -1;

    StageWriter(Statements statements, Doom doom) throws SQLException {
        this.doom = doom;
        header = statements.batch("""
                INSERT INTO run (id, submission, global_id, name, submit_directory, site, jobs, submitted_ms)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING""");
        attribute = statements.batch("INSERT INTO run_attribute VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        note = statements.batch("INSERT INTO run_note (run, number, note) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        label = statements.batch(
                "INSERT INTO label (run, number, name, max_jobs) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
        job = statements.batch("""
                INSERT INTO job (run, job, label, site, cpus, memory_mib, walltime_s, priority, retries,
                retry_unless_exit, needs, memory_max_mib, memory_multiplier, environment, concurrency_limit, name,
                traits, disk_mib, abort_on_exit, abort_return)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""");
        command = statements.batch("INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        file = statements.batch("INSERT INTO job_file VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        state = statements.batch("INSERT INTO job_state (run, job, label) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        site = statements.batch("""
                INSERT INTO site (id, name, settings) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings""");
        labelsOf = statements.prepare("SELECT name, number FROM label WHERE run = ?");
    }

    void write(Write.RunStaged staged) throws SQLException {
        RunHeader run = staged.header();
        header.with(run.run())
                .with(run.submission())
                .with(run.globalId())
                .with(run.name())
                .with(run.submitDirectory())
                .with(run.site())
                .with(run.jobs())
                .with(run.submittedEpochMillis())
                .now();
        for (Map.Entry<String, String> entry : run.attributes().entrySet()) {
            attribute
                    .with(run.run())
                    .with(entry.getKey())
                    .with(entry.getValue())
                    .add();
        }
        for (int i = 0; i < run.notes().size(); i++) {
            note.with(run.run()).with(i).with(run.notes().get(i)).add();
        }
        for (int i = 0; i < run.labels().size(); i++) {
            String name = run.labels().get(i);
            label.with(run.run())
                    .with(i)
                    .with(name)
                    .with(run.maxJobs().getOrDefault(name, 0))
                    .add();
        }
        attribute.flush();
        note.flush();
        label.flush();
    }

    void write(Write.JobsStaged staged) throws SQLException {
        int run = staged.run();
        if (run != labelsRun) {
            loadLabels(run);
        }
        for (JobSpec spec : staged.jobs()) {
            write(run, labelOf(run, spec.label()), spec);
        }
        label.flush();
        job.flush();
        command.flush();
        file.flush();
        state.flush();
    }

    /** Labels that are there keep their numbers and limits. */
    void write(Write.LabelsStaged staged) throws SQLException {
        if (staged.run() != labelsRun) {
            loadLabels(staged.run());
        }
        for (String name : staged.labels()) {
            if (labels.putIfAbsent(name, labels.size()) == null) {
                label.with(staged.run())
                        .with(labels.size() - 1)
                        .with(name)
                        .with(staged.maxJobs().getOrDefault(name, 0))
                        .add();
            }
        }
        label.flush();
    }

    void write(Write.TailDropped dropped) throws SQLException {
        doom.tail(dropped.run(), dropped.from(), dropped.to());
    }

    void write(Write.StageDropped dropped) throws SQLException {
        doom.run(dropped.run());
    }

    void write(Write.SiteStored stored) throws SQLException {
        site.with(stored.site()).with(stored.name()).with(stored.settings()).now();
    }

    private void write(int run, int labelNumber, JobSpec spec) throws SQLException {
        job.with(run)
                .with(spec.job())
                .with(labelNumber)
                .with(spec.site())
                .with(spec.cpus())
                .with(spec.memoryMiB())
                .with(spec.walltimeSeconds())
                .with(spec.priority())
                .with(spec.policy().retries())
                .with(JsonText.ofNumbers(spec.policy().unlessExit()))
                .with(JsonText.ofNumbers(spec.needs()))
                .with(spec.policy().memoryMaxMiB())
                .with(spec.policy().memoryMultiplier())
                .with(spec.environment())
                .with(spec.concurrencyLimit())
                .with(spec.name())
                .with(spec.traits())
                .with(spec.diskMiB())
                .with(spec.policy().abortOnExit())
                .with(spec.policy().abortReturn())
                .add();
        if (!JobTraits.has(spec.traits(), JobTraits.NOOP | JobTraits.JOIN)) {
            writeCommand(run, spec);
        }
        state.with(run).with(spec.job()).with(labelNumber).add();
    }

    private void writeCommand(int run, JobSpec spec) throws SQLException {
        command.with(run)
                .with(spec.job())
                .with(JsonText.ofStrings(spec.argv()))
                .with(spec.directory())
                .with(spec.stdout())
                .with(spec.stderr())
                .with(spec.brings())
                .add();
        for (int i = 0; i < spec.files().size(); i++) {
            JobFile some = spec.files().get(i);
            file.with(run)
                    .with(spec.job())
                    .with(i)
                    .with(some.path())
                    .with(some.name())
                    .with(some.kind().code())
                    .add();
        }
    }

    private int labelOf(int run, String name) throws SQLException {
        Integer known = labels.get(name);
        if (known != null) {
            return known;
        }
        int number = labels.size();
        labels.put(name, number);
        label.with(run).with(number).with(name).with(0).add();
        return number;
    }

    private void loadLabels(int run) throws SQLException {
        labels.clear();
        labelsOf.setInt(1, run);
        try (ResultSet rows = labelsOf.executeQuery()) {
            while (rows.next()) {
                labels.put(rows.getString(1), rows.getInt(2));
            }
        }
        labelsRun = run;
    }
}
