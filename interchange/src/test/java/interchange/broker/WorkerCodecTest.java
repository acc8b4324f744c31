package interchange.broker;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.AttemptId;
import interchange.core.Event;
import interchange.core.Outcome;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.Goodbye;
import interchange.proto.worker.Heartbeat;
import interchange.proto.worker.Held;
import interchange.proto.worker.Hello;
import interchange.proto.worker.Report;
import interchange.proto.worker.Reports;
import interchange.proto.worker.Retracted;
import interchange.proto.worker.Started;
import interchange.proto.worker.Waiting;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class WorkerCodecTest {
    private static final AttemptId ATTEMPT = new AttemptId(3, 14, 15);

    private static Hello.Builder hello() {
        return Hello.newBuilder()
                .setVersion("0.1.0")
                .setIncarnation("inc")
                .setNumber(2)
                .setBlockToken("token")
                .setBlockRestarts(1)
                .setRank(4)
                .setStart(5)
                .setEarlierFenced(true)
                .setHost("node7")
                .setPid(99)
                .setCores(8)
                .setMemoryMib(4096)
                .setRemainingSeconds(-1);
    }

    private static FromWorker message(Hello.Builder hello) {
        return FromWorker.newBuilder().setHello(hello).build();
    }

    private static FromWorker reports(Report... reports) {
        return FromWorker.newBuilder()
                .setSession(6)
                .setReports(Reports.newBuilder().addAllReports(List.of(reports)))
                .build();
    }

    private static Report.Builder report() {
        return Report.newBuilder().setAttempt(WorkerCodec.name(ATTEMPT));
    }

    private static Finished.Builder finished() {
        return Finished.newBuilder()
                .setCause(Finished.Cause.ENDED)
                .setExitCode(2)
                .setStartedEpochMillis(10)
                .setEndedEpochMillis(20)
                .setCpuMillis(7)
                .setPeakMemoryMib(8);
    }

    @Test
    void aHelloCarriesAllItSays() {
        FromWorker message = message(hello().addHeld(Held.newBuilder()
                        .setAttempt(WorkerCodec.name(ATTEMPT))
                        .setWaiting(Waiting.getDefaultInstance()))
                .addHeld(Held.newBuilder()
                        .setAttempt(WorkerCodec.name(ATTEMPT))
                        .setStarted(Started.newBuilder().setEpochMillis(5)))
                .addHeld(Held.newBuilder().setAttempt(WorkerCodec.name(ATTEMPT)).setFinished(finished())));
        Outcome outcome = new Outcome(Outcome.Cause.ENDED, 2, 0, "", 10, 20, 7, 8, false);
        assertThat(Soundness.isSound(message)).isTrue();
        assertThat(WorkerCodec.events(77, message))
                .containsExactly(new Event.WorkerHello(
                        77,
                        new interchange.core.Hello(
                                "inc",
                                2,
                                "token",
                                1,
                                4,
                                5,
                                true,
                                "node7",
                                99,
                                8,
                                4096,
                                -1,
                                List.of(
                                        new interchange.core.Hello.Held(ATTEMPT, 0, Optional.empty()),
                                        new interchange.core.Hello.Held(ATTEMPT, 5, Optional.empty()),
                                        new interchange.core.Hello.Held(ATTEMPT, 10, Optional.of(outcome))))));
    }

    @Test
    void reportsBecomeEventsInTheirOrder() {
        FromWorker message = reports(
                report().setStarted(Started.newBuilder().setEpochMillis(5)).build(),
                report().setFinished(finished()).build(),
                report().build(),
                report().setRetracted(Retracted.getDefaultInstance()).build());
        assertThat(Soundness.isSound(message)).isTrue();
        assertThat(WorkerCodec.events(77, message))
                .containsExactly(
                        new Event.AttemptStarted(6, ATTEMPT, 5),
                        new Event.AttemptFinished(
                                6, ATTEMPT, new Outcome(Outcome.Cause.ENDED, 2, 0, "", 10, 20, 7, 8, false)),
                        new Event.AttemptRetracted(6, ATTEMPT));
    }

    @Test
    void heartbeatsAndGoodbyesAreTranslated() {
        FromWorker heartbeat = FromWorker.newBuilder()
                .setSession(1)
                .setHeartbeat(Heartbeat.newBuilder().setNumber(2))
                .build();
        FromWorker goodbye = FromWorker.newBuilder()
                .setSession(1)
                .setGoodbye(Goodbye.newBuilder().setReason("done"))
                .build();
        assertThat(WorkerCodec.events(9, heartbeat)).containsExactly(new Event.HeartbeatHeard(1, 2));
        assertThat(WorkerCodec.events(9, goodbye)).containsExactly(new Event.WorkerSaidGoodbye(1, "done"));
        assertThat(WorkerCodec.events(9, FromWorker.getDefaultInstance())).isEmpty();
    }

    @Test
    void aResultWithAbsurdMeasurementsIsStillAResult() {
        FromWorker message = reports(report().setFinished(finished()
                        .setCauseValue(999)
                        .setCpuMillis(-1)
                        .setPeakMemoryMib(-2)
                        .setSignal(-3)
                        .setStartedEpochMillis(-4)
                        .setMessage("x".repeat(1_000_000)))
                .build());
        assertThat(Soundness.isSound(message)).isTrue();
        assertThat(WorkerCodec.events(1, message))
                .containsExactly(new Event.AttemptFinished(
                        6,
                        ATTEMPT,
                        new Outcome(Outcome.Cause.NOT_STARTED, 2, 0, "x".repeat(4_000), 0, 20, 0, 0, false)));
    }

    @Test
    void everyCauseHasItsMeaning() {
        for (Outcome.Cause cause : Outcome.Cause.values()) {
            FromWorker message = reports(report().setFinished(finished().setCause(Finished.Cause.valueOf(cause.name())))
                    .build());
            assertThat(WorkerCodec.events(1, message).getFirst())
                    .isInstanceOfSatisfying(
                            Event.AttemptFinished.class,
                            event -> assertThat(event.outcome().cause()).isEqualTo(cause));
        }
    }

    @Test
    void namesAndCountsThatNoWorkerSendsAreUnsound() {
        AttemptName negative = AttemptName.newBuilder().setJob(-1).build();
        List<UnaryOperator<Hello.Builder>> spoilers = List.of(
                hello -> hello.setIncarnation(""),
                hello -> hello.setIncarnation("x".repeat(1_000)),
                hello -> hello.setBlockToken(""),
                hello -> hello.setHost("h".repeat(1_000)),
                hello -> hello.setNumber(-1),
                hello -> hello.setBlockRestarts(-1),
                hello -> hello.setRank(-1),
                hello -> hello.setStart(-1),
                hello -> hello.setPid(-1),
                hello -> hello.setCores(0),
                hello -> hello.setCores(Integer.MAX_VALUE),
                hello -> hello.setMemoryMib(-1),
                hello -> hello.addHeld(Held.getDefaultInstance()),
                hello -> hello.addHeld(Held.newBuilder().setAttempt(negative)),
                hello -> hello.addAllHeld(Collections.nCopies(
                        Soundness.ATTEMPTS_MAX + 1,
                        Held.newBuilder().setAttempt(WorkerCodec.name(ATTEMPT)).build())));
        assertThat(Soundness.isSound(message(hello()))).isTrue();
        assertThat(spoilers).noneMatch(spoiler -> Soundness.isSound(message(spoiler.apply(hello()))));
        assertThat(Soundness.isSound(reports(Report.getDefaultInstance()))).isFalse();
        assertThat(Soundness.isSound(reports(report().setAttempt(negative).build())))
                .isFalse();
        assertThat(Soundness.isSound(FromWorker.newBuilder().setSession(-1).build()))
                .isFalse();
    }
}
