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
    /**
     * No order by label, and no groups: sorting a million rows would take longer than all else. Several numbers in one,
     * since each that is fetched costs as much as the row; in brackets, since | binds as << does in SQL.
     */
    private static final String ATTEMPTS = """
            SELECT (j.job << 5) | (a.warm << 4) | a.ending, (j.label << 48) | (min(j.cpus, 65535) << 32) | j.memory_mib,
            (j.walltime_s << 32) | a.peak_memory_mib, max(a.ended_ms - a.started_ms, 0) * (a.started_ms > 0), a.cpu_ms
            FROM job j CROSS JOIN attempt a ON a.run = j.run AND a.job = j.job AND a.ending <> 5
            WHERE j.run = ?1 AND j.job < (SELECT jobs FROM run WHERE id = ?1)""";

    private final List<LabelUsage> labels = new ArrayList<>();
    private long lastJob = -1;

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
        long job = row.getLong(1) >> 5;
        long asked = row.getLong(2);
        long walltimeAndPeak = row.getLong(3);
        LabelUsage label = labels.get((int) (asked >>> 48));
        if (job != lastJob) {
            lastJob = job;
            label.job((int) (asked >>> 32) & 0xffff, (int) asked, (int) (walltimeAndPeak >>> 32));
        }
        AttemptEnd end = AttemptEnd.of((int) row.getLong(1) & 0xf);
        boolean warm = (row.getLong(1) & 0x10) != 0;
        label.attempt(end, warm, row.getLong(4), row.getLong(5), walltimeAndPeak & 0xffff_ffffL, (int) asked);
    }
}
