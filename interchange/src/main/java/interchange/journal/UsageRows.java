package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.JobTraits;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Adds up what attempts took, in one pass over all of a run. */
final class UsageRows {
    /** No order by label, and no groups: sorting a million rows would take longer than all else. */
    private static final String ATTEMPTS = """
            SELECT j.job, a.ending, max(a.ended_ms - a.started_ms, 0) * (a.started_ms > 0), a.cpu_ms, a.peak_memory_mib,
            j.label, j.cpus, j.memory_mib, j.walltime_s
            FROM job j CROSS JOIN attempt a ON a.run = j.run AND a.job = j.job AND a.ending <> 5
            WHERE j.run = ?1 AND j.job < (SELECT jobs FROM run WHERE id = ?1)""";

    private final List<LabelUsage> labels = new ArrayList<>();
    private int lastJob = -1;
    private int label;

    private UsageRows(List<String> names) {
        names.forEach(name -> labels.add(new LabelUsage(name)));
    }

    static List<LabelUsage> read(Connection connection, int run) throws SQLException {
        UsageRows usage = new UsageRows(Rows.list(
                connection, "SELECT name FROM label WHERE run = ? ORDER BY number", row -> row.getString(1), run));
        Rows.each(connection, ATTEMPTS, usage::take, run);
        return usage.labels.stream()
                .filter(label -> label.jobs() > 0 && !label.label().equals(JobTraits.NOOP_LABEL))
                .toList();
    }

    private void take(ResultSet row) throws SQLException {
        int job = row.getInt(1);
        if (job != lastJob) {
            lastJob = job;
            label = row.getInt(6);
            labels.get(label).job(row.getInt(7), row.getInt(8), row.getInt(9));
        }
        labels.get(label).attempt(AttemptEnd.of(row.getInt(2)), row.getLong(3), row.getLong(4), row.getLong(5));
    }
}
