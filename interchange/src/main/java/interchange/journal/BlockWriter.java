package interchange.journal;

import interchange.core.Change;
import java.sql.SQLException;

/** Writes what becomes of sites, blocks and workers. */
final class BlockWriter {
    private final Batch joined;
    private final Batch left;
    private final Batch intended;
    private final Batch blockBecame;
    private final Batch siteBecame;

    BlockWriter(Statements statements) throws SQLException {
        joined = statements.batch("""
                INSERT INTO worker (id, block, restarts, rank, start, incarnation, host, pid, cores, memory_mib,
                deadline_ms, joined_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET start = excluded.start, incarnation = excluded.incarnation,
                host = excluded.host, pid = excluded.pid, cores = excluded.cores, memory_mib = excluded.memory_mib,
                deadline_ms = excluded.deadline_ms""");
        left = statements.batch("UPDATE worker SET left_ms = ?, left_reason = ? WHERE id = ? AND left_ms = 0");
        intended = statements.batch("""
                INSERT INTO block (id, site, token, nodes, intended_ms, phase_ms) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING""");
        blockBecame = statements.batch("""
                UPDATE block SET phase = ?, batch_id = coalesce(?, batch_id), message = ?, phase_ms = ? WHERE id = ?""");
        siteBecame = statements.batch("UPDATE site SET failures_in_a_row = ?, broken = ? WHERE id = ?");
    }

    void joined(Change.WorkerJoined change) throws SQLException {
        joined.with(change.worker())
                .with(change.place().block())
                .with(change.place().restarts())
                .with(change.place().rank())
                .with(change.start())
                .with(change.incarnation())
                .with(change.host())
                .with(change.pid())
                .with(change.cores())
                .with(change.memoryMiB())
                .with(change.deadlineEpochMillis())
                .with(change.epochMillis())
                .now();
    }

    void left(Change.WorkerLeft change) throws SQLException {
        left.with(change.epochMillis())
                .with(change.reason())
                .with(change.worker())
                .now();
    }

    void intended(Change.BlockIntended change) throws SQLException {
        intended.with(change.block())
                .with(change.site())
                .with(change.token())
                .with(change.nodes())
                .with(change.epochMillis())
                .with(change.epochMillis())
                .now();
    }

    void became(Change.BlockBecame change) throws SQLException {
        blockBecame
                .with(change.phase().code())
                .with(change.batchId().orElse(null))
                .with(change.message())
                .with(change.epochMillis())
                .with(change.block())
                .now();
    }

    void became(Change.SiteBecame change) throws SQLException {
        siteBecame
                .with(change.failuresInARow())
                .with(change.broken())
                .with(change.site())
                .now();
    }
}
