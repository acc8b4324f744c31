package interchange.worker;

import interchange.proto.worker.Finished;
import interchange.proto.worker.Report;
import interchange.proto.worker.Reports;
import interchange.proto.worker.Retracted;
import interchange.proto.worker.Started;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the daemon is still to be told. Reports wait a moment for company, since a message costs more than what is in it;
 * but not when the worker could run dry meanwhile. A start waits longest: of a short job only the end is told.
 */
final class Outbox {
    static final int REPORTS_MAX = 500;
    private static final long END_LINGERS_NANOS = TimeUnit.MILLISECONDS.toNanos(40);
    private static final long START_LINGERS_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Map<AttemptId, Attempt> starts = new LinkedHashMap<>();
    private final Map<AttemptId, Attempt> ends = new LinkedHashMap<>();
    private final List<AttemptId> retracted = new ArrayList<>();
    /** Told or not, but not acknowledged: in the order of their ends. */
    private final Map<AttemptId, Attempt> unacknowledged = new LinkedHashMap<>();

    private long dueNanos = Long.MAX_VALUE;

    void started(Attempt attempt, long now) {
        starts.put(attempt.id(), attempt);
        dueBy(now + START_LINGERS_NANOS);
    }

    /** @param waiting attempts that this worker can still start without the daemon */
    void finished(Attempt attempt, int waiting, long now) {
        starts.remove(attempt.id());
        ends.put(attempt.id(), attempt);
        unacknowledged.put(attempt.id(), attempt);
        dueBy(2 * ends.size() >= waiting ? now : now + END_LINGERS_NANOS);
    }

    void retracted(AttemptId id, long now) {
        retracted.add(id);
        dueBy(now);
    }

    private void dueBy(long nanos) {
        dueNanos = Math.min(dueNanos, nanos);
    }

    /** The attempt if it was waiting for this, which is over then. */
    Optional<Attempt> acknowledged(AttemptId id) {
        ends.remove(id);
        return Optional.ofNullable(unacknowledged.remove(id));
    }

    boolean hasUnacknowledged() {
        return !unacknowledged.isEmpty();
    }

    /** Long.MAX_VALUE: nothing is to be told. */
    long dueNanos() {
        return dueNanos;
    }

    /** What was told longer ago than this and not acknowledged is to be told again. */
    void repeatThoseBefore(long nanos, long now) {
        for (Attempt attempt : unacknowledged.values()) {
            if (attempt.resultSentNanos() < nanos) {
                ends.put(attempt.id(), attempt);
                dueBy(now);
            }
        }
    }

    /** A Hello has told it all. */
    void toldAll(long now) {
        starts.clear();
        ends.clear();
        retracted.clear();
        unacknowledged.values().forEach(attempt -> attempt.resultSent(now));
        dueNanos = Long.MAX_VALUE;
    }

    /** Everything that is to be told, in messages of a bounded size; counts as told. */
    List<Reports> take(long now) {
        var reports = new ArrayList<Report>();
        starts.values().forEach(attempt -> reports.add(start(attempt)));
        for (Attempt attempt : ends.values()) {
            attempt.result().ifPresent(result -> reports.add(end(attempt, result)));
            attempt.resultSent(now);
        }
        retracted.forEach(id -> reports.add(retraction(id)));
        starts.clear();
        ends.clear();
        retracted.clear();
        dueNanos = Long.MAX_VALUE;
        return inMessages(reports);
    }

    private static List<Reports> inMessages(List<Report> reports) {
        var messages = new ArrayList<Reports>();
        for (int from = 0; from < reports.size(); from += REPORTS_MAX) {
            int to = Math.min(reports.size(), from + REPORTS_MAX);
            messages.add(Reports.newBuilder()
                    .addAllReports(reports.subList(from, to))
                    .build());
        }
        return messages;
    }

    static Started startOf(Attempt attempt) {
        return Started.newBuilder().setEpochMillis(attempt.startedEpochMillis()).build();
    }

    private static Report start(Attempt attempt) {
        return Report.newBuilder()
                .setAttempt(attempt.id().toProto())
                .setStarted(startOf(attempt))
                .build();
    }

    private static Report end(Attempt attempt, Finished result) {
        return Report.newBuilder()
                .setAttempt(attempt.id().toProto())
                .setFinished(result)
                .build();
    }

    private static Report retraction(AttemptId id) {
        return Report.newBuilder()
                .setAttempt(id.toProto())
                .setRetracted(Retracted.getDefaultInstance())
                .build();
    }
}
