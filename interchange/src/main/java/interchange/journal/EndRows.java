package interchange.journal;

import interchange.core.JobEnd;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads how far the jobs of a run are, all of them at once. */
final class EndRows {
    /** In one number, because sorting by one is half as dear as by three. */
    private static final String COUNTS = """
            SELECT generation << 24 | label << 4 | state, count(*) FROM job_state
            WHERE run = ?1 AND job < (SELECT jobs FROM run WHERE id = ?1) GROUP BY 1""";

    private static final String FAILED = """
            SELECT l.name, CASE WHEN a.signal <> 0 THEN a.signal ELSE a.exit_code END
            FROM job_state s JOIN label l ON l.run = s.run AND l.number = s.label
            JOIN attempt a ON a.run = s.run AND a.job = s.job AND a.number =
                (SELECT max(number) FROM attempt b WHERE b.run = s.run AND b.job = s.job AND b.ending IN (1, 2, 3, 6, 7))
            WHERE s.run = ?1 AND s.state = 2 AND s.generation = (SELECT generation FROM run WHERE id = ?1)
            ORDER BY s.job""";

    private EndRows() {}

    static byte[] ends(Connection connection, int run) throws SQLException {
        int jobs = Rows.first(connection, "SELECT jobs FROM run WHERE id = ?", row -> row.getInt(1), run)
                .orElseThrow(() -> new IllegalStateException("there is no run " + run));
        byte[] ends = new byte[jobs];
        Rows.each(
                connection,
                "SELECT job, state FROM job_state WHERE run = ?1 AND state > 0"
                        + " AND (state = 1 OR generation = (SELECT generation FROM run WHERE id = ?1))"
                        + " AND job < (SELECT jobs FROM run WHERE id = ?1)",
                row -> ends[row.getInt(1)] = row.getByte(2),
                run);
        return ends;
    }

    static int[][] counts(Connection connection, int run) throws SQLException {
        int labels = Rows.first(connection, "SELECT count(*) FROM label WHERE run = ?", row -> row.getInt(1), run)
                .orElse(0);
        int[][] byLabel = new int[labels][JobEnd.values().length];
        int generation = Rows.first(connection, "SELECT generation FROM run WHERE id = ?", row -> row.getInt(1), run)
                .orElse(0);
        Rows.each(
                connection,
                COUNTS,
                row -> {
                    long key = row.getLong(1);
                    int state = (int) key & 0xf;
                    // See job_state in the schema for why a state may not count any more.
                    boolean counts = state == JobEnd.SUCCEEDED.code() || key >> 24 == generation;
                    byLabel[(int) (key >> 4) & 0xf_ffff][counts ? state : JobEnd.OPEN.code()] += row.getInt(2);
                },
                run);
        return byLabel;
    }

    static Map<String, List<Integer>> failedExitCodes(Connection connection, int run) throws SQLException {
        Map<String, List<Integer>> codes = new HashMap<>();
        Rows.each(
                connection,
                FAILED,
                row -> codes.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                        .add(row.getInt(2)),
                run);
        return codes;
    }
}
