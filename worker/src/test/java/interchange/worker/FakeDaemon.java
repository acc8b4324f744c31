package interchange.worker;

import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.worker.Acknowledge;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.Finished;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.HeartbeatAck;
import interchange.proto.worker.Hello;
import interchange.proto.worker.Report;
import interchange.proto.worker.ToWorker;
import interchange.proto.worker.Welcome;
import interchange.wire.UnreachableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A daemon in memory: welcomes, acknowledges as it is told to, and remembers all that it heard. */
final class FakeDaemon implements Dialer {
    private static final byte[] WAKE = {};

    private final List<FromWorker> heard = new CopyOnWriteArrayList<>();
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private volatile boolean reachable = true;
    // Written by one dialler at a time.
    private volatile int callsInVain;
    private volatile boolean welcomes = true;
    private volatile boolean acknowledges = true;
    private volatile boolean answersHeartbeats = true;
    private volatile Duration lease = Duration.ofMinutes(10);
    private volatile Duration killGrace = Duration.ofMillis(300);
    private volatile Welcome more = Welcome.getDefaultInstance();

    /** One connection. */
    private final class Line implements Channel {
        private final BlockingQueue<byte[]> toWorker = new LinkedBlockingQueue<>();
        private final long session;
        private long sequence;
        private volatile boolean broken;

        Line(long session) {
            this.session = session;
        }

        @Override
        public boolean send(byte[] bytes) {
            try {
                FromWorker message = FromWorker.parseFrom(bytes);
                // First, so that whoever sees it heard comes after the answer.
                answer(message);
                heard.add(message);
                return !broken;
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        }

        private void answer(FromWorker message) {
            if (message.hasHello() && welcomes) {
                post(ToWorker.newBuilder()
                        .setWelcome(more.toBuilder()
                                .setHeartbeatMillis(100)
                                .setLeaseMillis(lease.toMillis())
                                .setKillGraceMillis(killGrace.toMillis())));
            }
            if (message.hasHeartbeat() && answersHeartbeats) {
                post(ToWorker.newBuilder()
                        .setHeartbeatAck(HeartbeatAck.newBuilder()
                                .setNumber(message.getHeartbeat().getNumber())));
            }
            if (message.hasReports() && acknowledges) {
                var names = message.getReports().getReportsList().stream()
                        .filter(Report::hasFinished)
                        .map(Report::getAttempt)
                        .toList();
                post(ToWorker.newBuilder()
                        .setAcknowledge(Acknowledge.newBuilder().addAllAttempts(names)));
            }
        }

        synchronized void post(ToWorker.Builder message) {
            toWorker.add(
                    message.setSession(session).setSequence(++sequence).build().toByteArray());
        }

        synchronized void skip() {
            sequence++;
        }

        @Override
        public Optional<byte[]> receive(Duration timeout) {
            try {
                byte[] message = toWorker.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
                return Optional.ofNullable(message).filter(bytes -> bytes.length > 0);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void wake() {
            toWorker.add(WAKE);
        }

        @Override
        public boolean broken() {
            return broken;
        }

        @Override
        public void close() {
            broken = true;
        }
    }

    @Override
    public Channel dial(Duration timeout) throws UnreachableException {
        if (!reachable) {
            callsInVain++;
            throw new UnreachableException("nobody there");
        }
        var line = new Line(lines.size() + 100L);
        lines.add(line);
        return line;
    }

    FakeDaemon reachable(boolean is) {
        reachable = is;
        return this;
    }

    FakeDaemon welcomes(boolean does) {
        welcomes = does;
        return this;
    }

    FakeDaemon acknowledges(boolean does) {
        acknowledges = does;
        return this;
    }

    FakeDaemon answersHeartbeats(boolean does) {
        answersHeartbeats = does;
        return this;
    }

    FakeDaemon lease(Duration length) {
        lease = length;
        return this;
    }

    FakeDaemon killGrace(Duration length) {
        killGrace = length;
        return this;
    }

    /** What the next Welcome says besides. */
    FakeDaemon welcome(Welcome with) {
        more = with;
        return this;
    }

    void post(ToWorker.Builder message) {
        lines.getLast().post(message);
    }

    /** Of an earlier session, on the present connection. */
    void postStale(ToWorker.Builder message) {
        lines.getLast()
                .toWorker
                .add(message.setSession(1).setSequence(2).build().toByteArray());
    }

    /** A message that never arrives. */
    void lose() {
        lines.getLast().skip();
    }

    void breakLine() {
        Line line = lines.getLast();
        line.broken = true;
        line.wake();
    }

    List<Hello> hellos() {
        return heard.stream()
                .filter(FromWorker::hasHello)
                .map(FromWorker::getHello)
                .toList();
    }

    int callsInVain() {
        return callsInVain;
    }

    long heartbeats() {
        return heard.stream().filter(FromWorker::hasHeartbeat).count();
    }

    boolean heardGoodbye() {
        return heard.stream().anyMatch(FromWorker::hasGoodbye);
    }

    int messagesWithReports() {
        return (int) heard.stream().filter(FromWorker::hasReports).count();
    }

    List<Report> reports(AttemptName name) {
        var all = new ArrayList<Report>();
        for (FromWorker message : heard) {
            message.getReports().getReportsList().stream()
                    .filter(report -> report.getAttempt().equals(name))
                    .forEach(all::add);
        }
        return all;
    }

    private boolean has(AttemptName name, Predicate<Report> kind) {
        return reports(name).stream().anyMatch(kind);
    }

    boolean started(AttemptName name) {
        return has(name, Report::hasStarted);
    }

    boolean retracted(AttemptName name) {
        return has(name, Report::hasRetracted);
    }

    boolean finished(AttemptName name) {
        return has(name, Report::hasFinished);
    }

    Finished end(AttemptName name) {
        return reports(name).stream()
                .filter(Report::hasFinished)
                .findFirst()
                .orElseThrow()
                .getFinished();
    }
}
