package interchange.journal;

import interchange.core.BlockPhase;
import interchange.core.Place;
import interchange.core.Recovered;
import interchange.core.Site;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** Reads what a daemon begins with. Within a transaction of the caller's. */
final class StateRecovery {
    private final Connection connection;
    private final Doom doom;
    private final BiFunction<Integer, String, Site> makeSite;
    private final List<Recovered.RunRecord> runs = new ArrayList<>();
    private final List<Journal.HeldRun> held = new ArrayList<>();

    StateRecovery(Connection connection, Doom doom, BiFunction<Integer, String, Site> makeSite) {
        this.connection = connection;
        this.doom = doom;
        this.makeSite = makeSite;
    }

    Journal.Recovery recover() throws SQLException {
        Connections.execute(connection, "UPDATE daemon SET starts = starts + 1");
        for (int staged : ids("SELECT id FROM run WHERE appeared_ms = 0")) {
            doom.run(staged);
        }
        StoredSites sites = StoredSites.of(connection, makeSite);
        List<Recovered.BlockRecord> blocks = blocks(sites);
        List<Recovered.WorkerRecord> workers = workers(blocks);
        Set<Integer> there =
                workers.stream().map(Recovered.WorkerRecord::worker).collect(Collectors.toUnmodifiableSet());
        for (int run : ids("SELECT id FROM run WHERE state IN (0, 4) ORDER BY id")) {
            recover(run, sites, there);
        }
        Recovered recovered = new Recovered(
                (int) Connections.number(connection, "SELECT starts FROM daemon"),
                next("run"),
                next("worker"),
                next("block"),
                sites.usable(),
                blocks,
                workers,
                runs);
        return new Journal.Recovery(recovered, held);
    }

    private void recover(int run, StoredSites sites, Set<Integer> workers) throws SQLException {
        String cause = "";
        try {
            runs.add(new RunRecovery(connection, sites).readGoing(run, workers));
        } catch (SQLException | RuntimeException e) {
            if (e instanceof SQLException failure && Failures.passes(failure)) {
                throw failure;
            }
            cause = causeOf(e);
            held.add(new Journal.HeldRun(run, cause));
        }
        Rows.update(connection, "UPDATE run SET held = ? WHERE id = ? AND held <> ?", cause, run, cause);
    }

    private List<Recovered.BlockRecord> blocks(StoredSites sites) throws SQLException {
        List<Recovered.BlockRecord> blocks = Rows.list(
                connection,
                """
                SELECT id, site, token, nodes, phase, batch_id, message, intended_ms, phase_ms FROM block
                WHERE phase < 4 OR id IN (SELECT block FROM worker WHERE left_ms = 0) ORDER BY id""",
                row -> new Recovered.BlockRecord(
                        row.getInt(1),
                        row.getInt(2),
                        row.getString(3),
                        row.getInt(4),
                        BlockPhase.of(row.getInt(5)),
                        row.getString(6),
                        row.getString(7),
                        row.getLong(8),
                        row.getLong(9)));
        return blocks.stream().filter(block -> sites.isUsable(block.site())).toList();
    }

    private List<Recovered.WorkerRecord> workers(List<Recovered.BlockRecord> blocks) throws SQLException {
        List<Integer> known = blocks.stream().map(Recovered.BlockRecord::block).toList();
        List<Recovered.WorkerRecord> workers = Rows.list(
                connection,
                """
                SELECT id, block, restarts, rank, start, incarnation, host, pid, cores, memory_mib, deadline_ms
                FROM worker WHERE left_ms = 0 ORDER BY id""",
                row -> new Recovered.WorkerRecord(
                        row.getInt(1),
                        new Place(row.getInt(2), row.getInt(3), row.getInt(4)),
                        row.getInt(5),
                        row.getString(6),
                        row.getString(7),
                        row.getLong(8),
                        row.getInt(9),
                        row.getInt(10),
                        row.getLong(11)));
        return workers.stream()
                .filter(worker -> known.contains(worker.place().block()))
                .toList();
    }

    private List<Integer> ids(String sql) throws SQLException {
        return Rows.list(connection, sql, row -> row.getInt(1));
    }

    private int next(String table) throws SQLException {
        return 1
                + Rows.first(connection, "SELECT seq FROM sqlite_sequence WHERE name = ?", row -> row.getInt(1), table)
                        .orElse(0);
    }

    private static String causeOf(Exception e) {
        StringBuilder words = new StringBuilder(String.valueOf(e.getMessage()));
        for (Throwable at = e.getCause(); at != null; at = at.getCause()) {
            words.append(": ").append(at.getMessage());
        }
        return words.toString();
    }
}
