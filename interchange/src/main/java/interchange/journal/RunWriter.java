package interchange.journal;

import interchange.core.Change;
import interchange.core.RunState;
import java.sql.SQLException;

/** Writes what becomes of runs. */
final class RunWriter {
    private final Batch appeared;
    private final Batch became;
    private final Batch cancelling;
    private final Batch restarted;
    private final Batch unseen;
    private final Batch reopened;
    private final Batch passingReopened;
    private final Batch aborting;
    private final Batch grew;
    private final Batch waits;
    private final Batch noted;
    private final Batch counted;
    private final Batch uncounted;

    RunWriter(Statements statements) throws SQLException {
        appeared = statements.batch("UPDATE run SET appeared_ms = ? WHERE id = ?");
        became = statements.batch("UPDATE run SET state = ?, ended_ms = ?, held = '' WHERE id = ?");
        cancelling = statements.batch("UPDATE run SET cancel_request = ?, cancel_force = ? WHERE id = ?");
        restarted = statements.batch("""
                UPDATE run SET generation = ?, state = 0, ended_ms = 0, cancel_request = '', cancel_force = 0,
                abort_job = -1, abort_return = 0, restart_request = ?, held = '' WHERE id = ? AND generation <= ?""");
        unseen = statements.batch("UPDATE run SET generation = ? WHERE id = ? AND generation < ?");
        reopened = statements.batch("""
                UPDATE job_state SET state = CASE state WHEN 1 THEN 1 ELSE 0 END, memory_mib = 0
                WHERE run = ? AND (state > 1 OR memory_mib > 0) AND generation = ?""");
        // Final jobs and no-ops: few.
        passingReopened = statements.batch("""
                UPDATE job_state SET state = 0 WHERE run = ?
                AND job IN (SELECT job FROM job WHERE run = ? AND traits > 0 AND traits & 11 > 0)""");
        aborting = statements.batch("UPDATE run SET abort_job = ?, abort_return = ? WHERE id = ?");
        grew = statements.batch("UPDATE run SET jobs = ? WHERE id = ?");
        waits = statements.batch("""
                UPDATE job SET needs = json_insert(needs, '$[#]', ?1) WHERE run = ?2 AND job = ?3
                AND NOT EXISTS (SELECT 1 FROM json_each(job.needs) WHERE value = ?1)""");
        noted = statements.batch("""
                INSERT INTO run_note
                SELECT id, (SELECT coalesce(max(number), -1) + 1 FROM run_note WHERE run = ?1), ?2, generation FROM run
                WHERE id = ?1 AND NOT EXISTS
                    (SELECT 1 FROM run_note n WHERE n.run = ?1 AND n.note = ?2 AND n.generation = run.generation)
                """);
        counted = statements.batch("""
                INSERT INTO run_count SELECT run, number, ?, ? FROM label WHERE run = ? AND name = ?
                ON CONFLICT DO UPDATE SET jobs = excluded.jobs""");
        uncounted = statements.batch("DELETE FROM run_count WHERE run = ?");
    }

    void appeared(Change.RunAppeared change) throws SQLException {
        appeared.with(change.epochMillis()).with(change.run()).now();
    }

    void became(Change.RunBecame change) throws SQLException {
        RunState state = change.state();
        became.with(state.code())
                .with(state.ended() ? change.epochMillis() : 0)
                .with(change.run())
                .now();
    }

    void cancelling(Change.RunCancelling change) throws SQLException {
        cancelling
                .with(change.request())
                .with(change.force() ? 1 : 0)
                .with(change.run())
                .now();
    }

    /** Counting the generation up is what opens the jobs that have not succeeded; see job_state in the schema. */
    void restarted(Change.RunRestarted change) throws SQLException {
        int run = change.run();
        int generation = change.generation();
        boolean first = unseen.with(generation).with(run).with(generation).now() > 0;
        if (!first) {
            // Written before, and perhaps ends after it, which will come again too.
            reopened.with(run).with(generation).now();
        }
        restarted
                .with(generation)
                .with(change.request())
                .with(run)
                .with(generation)
                .now();
        passingReopened.with(run).with(run).now();
        uncounted.with(run).now();
    }

    void aborting(Change.RunAborting change) throws SQLException {
        aborting.with(change.job())
                .with(change.returnValue())
                .with(change.run())
                .now();
    }

    void grew(Change.RunGrew change) throws SQLException {
        grew.with(change.jobs()).with(change.run()).now();
        for (int job : change.waiting()) {
            waits.with(change.jobs() - 1).with(change.run()).with(job).now();
        }
    }

    void counted(Change.JobsCounted change) throws SQLException {
        counted.with(change.end().code())
                .with(change.jobs())
                .with(change.run())
                .with(change.label())
                .now();
    }

    void noted(Change.RunNoted change) throws SQLException {
        noted.with(change.run()).with(change.note()).now();
    }
}
