package interchange.journal;

import interchange.core.AttemptId;
import interchange.core.Change;
import interchange.core.Outcome;
import java.sql.SQLException;
import java.util.List;

/**
 * Turns changes into rows, so that the same change twice is as good as once: a transaction whose end was not seen is
 * written again.
 *
 * <p>The five kinds that come by the thousand wait in batches of their own. They touch no row that another of them
 * makes but in the order in which all of them are flushed, also when one of them is full.
 */
final class ChangeWriter {
    private final RunWriter runs;
    private final BlockWriter blocks;
    private final Batch assigned;
    private final Batch began;
    private final Batch ended;
    private final Batch jobEnded;
    private final Batch memoryRaised;

    ChangeWriter(Statements statements) throws SQLException {
        runs = new RunWriter(statements);
        blocks = new BlockWriter(statements);
        assigned = statements.batch("""
                INSERT INTO attempt (run, job, number, generation, worker, assigned_ms) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING""");
        began = statements.batch("""
                UPDATE attempt SET started_ms = ? WHERE run = ? AND job = ? AND number = ? AND ending IS NULL""");
        ended = statements.batch("""
                UPDATE attempt SET ending = ?, exit_code = ?, signal = ?, message = ?, started_ms = ?, ended_ms = ?,
                cpu_ms = ?, peak_memory_mib = ?, warm = ?
                WHERE run = ? AND job = ? AND number = ? AND ending IS NULL""");
        memoryRaised = statements.batch("""
                UPDATE job_state SET memory_mib = ?1, generation = (SELECT generation FROM run WHERE id = ?2),
                state = CASE WHEN generation = (SELECT generation FROM run WHERE id = ?2) THEN state ELSE 0 END
                WHERE run = ?2 AND job = ?3""");
        jobEnded = statements.batch("""
                UPDATE job_state SET state = ?1, generation = (SELECT generation FROM run WHERE id = ?2),
                memory_mib = CASE WHEN generation = (SELECT generation FROM run WHERE id = ?2) THEN memory_mib ELSE 0 END
                WHERE run = ?2 AND job = ?3""");
        // One alone would change places with those before it.
        for (Batch batch : List.of(assigned, began, ended, memoryRaised, jobEnded)) {
            batch.flushedBy(this::flush);
        }
    }

    void write(Change change) throws SQLException {
        switch (change) {
            case Change.AttemptAssigned c ->
                named(assigned, c.attempt())
                        .with(c.generation())
                        .with(c.worker())
                        .with(c.epochMillis())
                        .add();
            case Change.AttemptBegan c ->
                named(began.with(c.epochMillis()), c.attempt()).add();
            case Change.AttemptEnded c -> write(c);
            case Change.JobEnded c ->
                jobEnded.with(c.end().code()).with(c.run()).with(c.job()).add();
            case Change.MemoryRaised c ->
                memoryRaised.with(c.memoryMiB()).with(c.run()).with(c.job()).add();
            case Change.RunAborting c -> runs.aborting(c);
            case Change.RunGrew c -> runs.grew(c);
            case Change.RunNoted c -> runs.noted(c);
            case Change.JobsCounted c -> runs.counted(c);
            case Change.RunAppeared c -> runs.appeared(c);
            case Change.RunBecame c -> runs.became(c);
            case Change.RunCancelling c -> runs.cancelling(c);
            case Change.RunRestarted c -> {
                // Ends of before and after it must not change places.
                flush();
                runs.restarted(c);
            }
            case Change.WorkerJoined c -> blocks.joined(c);
            case Change.WorkerLeft c -> blocks.left(c);
            case Change.BlockIntended c -> blocks.intended(c);
            case Change.BlockBecame c -> blocks.became(c);
            case Change.SiteBecame c -> blocks.became(c);
        }
    }

    void flush() throws SQLException {
        assigned.flush();
        began.flush();
        ended.flush();
        memoryRaised.flush();
        jobEnded.flush();
    }

    private void write(Change.AttemptEnded change) throws SQLException {
        Outcome outcome = change.outcome();
        ended.with(change.end().code())
                .with(outcome.exitCode())
                .with(outcome.signal())
                .with(outcome.message())
                .with(outcome.startedEpochMillis())
                .with(outcome.endedEpochMillis())
                .with(outcome.cpuMillis())
                .with(outcome.peakMemoryMiB())
                .with(outcome.warm() ? 1 : 0);
        named(ended, change.attempt()).add();
    }

    private static Batch named(Batch batch, AttemptId attempt) throws SQLException {
        return batch.with(attempt.run()).with(attempt.job()).with(attempt.number());
    }
}
