package interchange.journal;

import interchange.core.JobEnd;
import interchange.core.JobTraits;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** Reads how far the jobs of a run are, all of them at once. */
final class EndRows {
    /** In one number, because sorting by one is half as dear as by three. */
    private static final String COUNTS = """
            SELECT (generation << 24) | (label << 4) | state, count(*) FROM job_state
            WHERE run = ?1 AND job < (SELECT jobs FROM run WHERE id = ?1) GROUP BY 1""";

    private static final String KEPT = "SELECT label, state, jobs FROM run_count WHERE run = ?";

    private static final String FINAL = """
            SELECT l.name, count(*) FROM job j INDEXED BY job_with_traits JOIN label l ON l.run = j.run AND l.number = j.label
            WHERE j.run = ?1 AND j.traits > 0 AND j.traits & %d > 0 AND j.job < (SELECT jobs FROM run WHERE id = ?1)
            GROUP BY l.number""".formatted(JobTraits.FINAL);

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
        boolean[] kept = new boolean[1];
        Rows.each(
                connection,
                KEPT,
                row -> {
                    byLabel[row.getInt(1)][row.getInt(2)] = row.getInt(3);
                    kept[0] = true;
                },
                run);
        if (!kept[0]) {
            count(connection, run, byLabel);
        }
        return byLabel;
    }

    private static void count(Connection connection, int run, int[][] byLabel) throws SQLException {
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
    }

    static Map<String, Integer> finalJobs(Connection connection, int run) throws SQLException {
        Map<String, Integer> jobs = new HashMap<>();
        Rows.each(connection, FINAL, row -> jobs.put(row.getString(1), row.getInt(2)), run);
        return jobs;
    }
}
