package interchange.broker;

import interchange.core.AttemptId;
import interchange.core.Event;
import interchange.core.Hello;
import interchange.core.Outcome;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.Held;
import interchange.proto.worker.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Translates between the worker protocol and the scheduler's words. Stateless. */
public final class WorkerCodec {
    /** Of texts that go into the journal. */
    private static final int MESSAGE_CHARACTERS_MAX = 4_000;

    private WorkerCodec() {}

    /** What a message means, in its order; what is not known here (a newer worker's) means nothing. */
    public static List<Event> events(long link, FromWorker message) {
        long session = message.getSession();
        return switch (message.getBodyCase()) {
            case HELLO -> List.of(new Event.WorkerHello(link, hello(message.getHello())));
            case REPORTS -> reports(session, message.getReports().getReportsList());
            case HEARTBEAT ->
                List.of(new Event.HeartbeatHeard(session, message.getHeartbeat().getNumber()));
            case GOODBYE ->
                List.of(new Event.WorkerSaidGoodbye(
                        session, bounded(message.getGoodbye().getReason())));
            case LEAVING -> List.of(new Event.WorkerLeaving(session));
            case BODY_NOT_SET -> List.of();
        };
    }

    public static AttemptName name(AttemptId attempt) {
        return AttemptName.newBuilder()
                .setRun(attempt.run())
                .setJob(attempt.job())
                .setNumber(attempt.number())
                .build();
    }

    public static List<AttemptName> names(List<AttemptId> attempts) {
        return attempts.stream().map(WorkerCodec::name).toList();
    }

    private static AttemptId id(AttemptName name) {
        return new AttemptId(name.getRun(), name.getJob(), name.getNumber());
    }

    private static Hello hello(interchange.proto.worker.Hello hello) {
        return new Hello(
                hello.getIncarnation(),
                hello.getNumber(),
                hello.getBlockToken(),
                hello.getBlockRestarts(),
                hello.getRank(),
                hello.getStart(),
                hello.getEarlierFenced(),
                hello.getLeaving(),
                hello.getHost(),
                hello.getPid(),
                hello.getCores(),
                Math.toIntExact(Math.clamp(hello.getMemoryMib(), 0, Integer.MAX_VALUE)),
                hello.getRemainingSeconds(),
                hello.getHeldList().stream().map(WorkerCodec::held).toList());
    }

    private static Hello.Held held(Held held) {
        AttemptId attempt = id(held.getAttempt());
        return switch (held.getStateCase()) {
            case STARTED -> new Hello.Held(attempt, held.getStarted().getEpochMillis(), Optional.empty());
            case FINISHED ->
                new Hello.Held(
                        attempt, held.getFinished().getStartedEpochMillis(), Optional.of(outcome(held.getFinished())));
            case WAITING, STATE_NOT_SET -> new Hello.Held(attempt, 0, Optional.empty());
        };
    }

    private static List<Event> reports(long session, List<Report> reports) {
        List<Event> events = new ArrayList<>(reports.size());
        for (Report report : reports) {
            AttemptId attempt = id(report.getAttempt());
            switch (report.getReportCase()) {
                case STARTED ->
                    events.add(new Event.AttemptStarted(
                            session, attempt, report.getStarted().getEpochMillis()));
                case FINISHED -> events.add(new Event.AttemptFinished(session, attempt, outcome(report.getFinished())));
                case RETRACTED -> events.add(new Event.AttemptRetracted(session, attempt));
                case REPORT_NOT_SET -> {
                    // A newer worker's: it means nothing here.
                }
            }
        }
        return events;
    }

    private static Outcome outcome(Finished finished) {
        return new Outcome(
                cause(finished.getCause()),
                finished.getExitCode(),
                Math.max(0, finished.getSignal()),
                bounded(finished.getMessage()),
                Math.max(0, finished.getStartedEpochMillis()),
                Math.max(0, finished.getEndedEpochMillis()),
                Math.max(0, finished.getCpuMillis()),
                Math.max(0, finished.getPeakMemoryMib()),
                finished.getWarm());
    }

    private static String bounded(String message) {
        return message.length() <= MESSAGE_CHARACTERS_MAX ? message : message.substring(0, MESSAGE_CHARACTERS_MAX);
    }

    /** An end of a kind that we don't know yet is the job's: it spends a retry, and can't go round forever. */
    private static Outcome.Cause cause(Finished.Cause cause) {
        return switch (cause) {
            case ENDED -> Outcome.Cause.ENDED;
            case NOT_STARTED, CAUSE_UNSPECIFIED, UNRECOGNIZED -> Outcome.Cause.NOT_STARTED;
            case WALLTIME -> Outcome.Cause.WALLTIME;
            case KILLED -> Outcome.Cause.KILLED;
            case WORKER_LEFT -> Outcome.Cause.WORKER_LEFT;
            case OUT_OF_MEMORY -> Outcome.Cause.OUT_OF_MEMORY;
            case NOT_RETURNED -> Outcome.Cause.NOT_RETURNED;
        };
    }
}
