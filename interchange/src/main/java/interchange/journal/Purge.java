package interchange.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Forgets what ended long ago. Within a transaction of the caller's. */
final class Purge {
    /** In one turn. */
    private static final int RUNS_MAX = 200;

    private static final int WORKERS_MAX = 5_000;

    private final Connection connection;
    private final Doom doom;

    Purge(Connection connection, Doom doom) {
        this.connection = connection;
        this.doom = doom;
    }

    List<Integer> runsEndedBefore(long epochMillis) throws SQLException {
        List<Integer> runs = Rows.list(connection, """
                SELECT id FROM run WHERE appeared_ms > 0 AND state IN (1, 2, 3) AND ended_ms > 0 AND ended_ms < ?
                ORDER BY id LIMIT ?""", row -> row.getInt(1), epochMillis, RUNS_MAX);
        for (int run : runs) {
            doom.run(run);
        }
        workersLeftBefore(epochMillis);
        return runs;
    }

    /** What left before the oldest run was submitted is named by no attempt any more. */
    private void workersLeftBefore(long epochMillis) throws SQLException {
        long oldest = Connections.number(connection, "SELECT coalesce(min(submitted_ms), 0x7fffffffffffffff) FROM run");
        long before = Math.min(epochMillis, oldest);
        Connections.execute(connection, """
                DELETE FROM worker WHERE id IN
                (SELECT id FROM worker WHERE left_ms > 0 AND left_ms < %d ORDER BY id LIMIT %d)""".formatted(before, WORKERS_MAX));
        Connections.execute(connection, """
                DELETE FROM block WHERE id IN (SELECT id FROM block WHERE phase >= 4 AND phase_ms < %d
                AND id NOT IN (SELECT block FROM worker) ORDER BY id LIMIT %d)""".formatted(before, WORKERS_MAX));
    }
}
