package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.Outcome;
import interchange.journal.JournalReader.FailedJobs;
import interchange.journal.JournalReader.OutOfMemory;
import interchange.journal.JournalReader.Reason;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads why jobs failed. */
final class FailureRows {
    /** Kinds of reasons that are told apart for a label, and those of them that are told. */
    private static final int REASONS_MAX = 100;

    private static final int REASONS_TOLD = 3;

    /** Of ?1. */
    private static final String FAILED_JOBS = """
            FROM job_state s WHERE s.run = ?1 AND s.state = 2
            AND s.generation = (SELECT generation FROM run WHERE id = ?1) AND s.job < (SELECT jobs FROM run WHERE id = ?1)
            """;

    /**
     * The last attempt in one text, because a look for each of its columns would be three times as dear. One whose workflow
     * could not be taken in has succeeded.
     */
    private static final String FAILED = """
            SELECT s.label, s.job, (
                SELECT CASE WHEN a.signal <> 0 THEN a.signal ELSE a.exit_code END || ' ' || a.ending || ' ' || a.message
                FROM attempt a WHERE a.run = s.run AND a.job = s.job AND a.ending IN (0, 1, 2, 3, 6, 7)
                ORDER BY a.number DESC LIMIT 1)
            """ + FAILED_JOBS + "ORDER BY s.job";

    private static final String NO_MEMORY = """
            SELECT l.name, count(DISTINCT a.job), count(*),
            count(DISTINCT CASE WHEN s.state = 2 AND s.generation = a.generation THEN a.job END),
            max(j.memory_mib), max(CASE WHEN s.generation = a.generation THEN s.memory_mib ELSE 0 END),
            max(j.memory_multiplier) > 1
            FROM run r CROSS JOIN attempt a ON a.run = r.id AND a.ending IN (2, 3, 6, 7) AND a.ending = 3
                AND a.generation = r.generation
            CROSS JOIN job_state s ON s.run = a.run AND s.job = a.job
            CROSS JOIN job j ON j.run = a.run AND j.job = a.job
            CROSS JOIN label l ON l.run = s.run AND l.number = s.label
            WHERE r.id = ? GROUP BY l.number""";

    private static final String WHERE_FAILED = """
            SELECT DISTINCT s.settings FROM (SELECT s.run, s.job
            """ + FAILED_JOBS + """
            LIMIT 1000) f JOIN attempt a ON a.run = f.run AND a.job = f.job
            JOIN worker w ON w.id = a.worker JOIN block b ON b.id = w.block JOIN site s ON s.id = b.site""";

    private FailureRows() {}

    static List<String> settingsWhereFailed(Connection connection, int run) throws SQLException {
        return Rows.list(connection, WHERE_FAILED, row -> row.getString(1), run);
    }

    /** Of one label, as far as it is read. */
    private static final class Found {
        final List<Integer> exitCodes = new ArrayList<>();
        final Map<String, Kind> reasons = new LinkedHashMap<>();
    }

    private static final class Kind {
        final AttemptEnd end;
        final String message;
        final int job;
        int jobs;

        Kind(AttemptEnd end, String message, int job) {
            this.end = end;
            this.message = message;
            this.job = job;
        }
    }

    static Map<String, FailedJobs> failedJobs(Connection connection, int run) throws SQLException {
        Map<Integer, Found> byLabel = new HashMap<>();
        Rows.each(
                connection,
                FAILED,
                row -> take(
                        byLabel.computeIfAbsent(row.getInt(1), _ -> new Found()),
                        row.getInt(2),
                        Optional.ofNullable(row.getString(3)).orElse("0 1 ")),
                run);
        Map<String, FailedJobs> failed = new HashMap<>();
        for (Map.Entry<Integer, Found> entry : byLabel.entrySet()) {
            List<Reason> reasons = new ArrayList<>();
            for (Kind kind : commonest(entry.getValue())) {
                reasons.add(new Reason(kind.end, kind.message, nameOf(connection, run, kind.job), kind.jobs));
            }
            failed.put(labelOf(connection, run, entry.getKey()), new FailedJobs(entry.getValue().exitCodes, reasons));
        }
        return failed;
    }

    private static void take(Found found, int job, String attempt) {
        int first = attempt.indexOf(' ');
        int second = attempt.indexOf(' ', first + 1);
        found.exitCodes.add(Integer.valueOf(attempt.substring(0, first)));
        AttemptEnd end = AttemptEnd.of(Integer.parseInt(attempt.substring(first + 1, second)));
        String message = attempt.substring(second + 1);
        if (message.isEmpty() && end == AttemptEnd.FAILED) {
            return;
        }
        // Of other ends the messages have numbers that differ by job.
        boolean noMore = message.startsWith(Outcome.NO_MORE_MEMORY);
        String key = end == AttemptEnd.FAILED ? message : noMore ? Outcome.NO_MORE_MEMORY : end.name();
        if (found.reasons.size() < REASONS_MAX || found.reasons.containsKey(key)) {
            found.reasons.computeIfAbsent(key, _ -> new Kind(end, message, job)).jobs++;
        }
    }

    private static List<Kind> commonest(Found found) {
        return found.reasons.values().stream()
                .sorted(Comparator.comparingInt(kind -> -kind.jobs))
                .limit(REASONS_TOLD)
                .collect(Collectors.toList());
    }

    private static String nameOf(Connection connection, int run, int job) throws SQLException {
        return text(connection, "SELECT name FROM job WHERE run = ? AND job = ?", run, job);
    }

    private static String labelOf(Connection connection, int run, int label) throws SQLException {
        return text(connection, "SELECT name FROM label WHERE run = ? AND number = ?", run, label);
    }

    private static String text(Connection connection, String sql, int run, int number) throws SQLException {
        return Rows.first(connection, sql, row -> row.getString(1), run, number)
                .orElseThrow(
                        () -> new IllegalStateException("run " + run + " is damaged in the journal: no " + number));
    }

    static List<OutOfMemory> outOfMemory(Connection connection, int run) throws SQLException {
        return Rows.list(
                connection,
                NO_MEMORY,
                row -> new OutOfMemory(
                        row.getString(1),
                        row.getInt(2),
                        row.getInt(3),
                        row.getInt(4),
                        row.getInt(5),
                        row.getInt(6),
                        row.getBoolean(7)),
                run);
    }
}
