package interchange.worker.files;

import com.google.protobuf.InvalidProtocolBufferException;
import interchange.proto.files.Close;
import interchange.proto.files.FromFiles;
import interchange.proto.files.ToFiles;
import interchange.wire.Redialling;
import interchange.wire.UnreachableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All exchanges with the daemon, over one line that is opened when there is something to ask. The courier's. */
final class Talks {
    private static final Logger LOG = LoggerFactory.getLogger(Talks.class);

    /** Of the first try. After an outage all workers come at once, and need a minute for their handshakes. */
    private static final Duration DIAL_TIMEOUT = Duration.ofSeconds(10);

    /** By how much timeouts and pauses grow at most. */
    private static final int LONGER_MAX = 8;

    /** Nothing heard for so many answers' time: the line is dead, though nobody has said so. */
    private static final int SILENT_ANSWERS_MAX = 3;

    private static final int MESSAGES_PER_TURN_MAX = 64;

    private final LineOpener opener;
    private final Patience patience;
    private final Redialling redialling;
    private final Map<Long, Talk> talks = new TreeMap<>();
    private final Map<Exchange, Long> numbers = new HashMap<>();
    private volatile Optional<Line> line = Optional.empty();
    private long lastNumber;
    private long redialNanos = System.nanoTime();
    private long heardNanos;
    private OptionalLong unreachableNanos = OptionalLong.empty();
    private String unreachable = "";

    private static final class Talk {
        final Exchange exchange;
        long askNanos;

        Talk(Exchange exchange, long askNanos) {
            this.exchange = exchange;
            this.askNanos = askNanos;
        }
    }

    Talks(LineOpener opener, Patience patience) {
        this.opener = opener;
        this.patience = patience;
        redialling = new Redialling(
                DIAL_TIMEOUT,
                DIAL_TIMEOUT.multipliedBy(LONGER_MAX),
                patience.pause(),
                patience.pause().multipliedBy(LONGER_MAX),
                new SplittableRandom());
    }

    /** From any thread; false: there is no line, and nobody waits at it. */
    boolean wake() {
        Optional<Line> present = line;
        present.ifPresent(Line::wake);
        return present.isPresent();
    }

    void begin(Exchange exchange) {
        if (talks.isEmpty()) {
            heardNanos = System.nanoTime();
        }
        long number = ++lastNumber;
        numbers.put(exchange, number);
        talks.put(number, new Talk(exchange, System.nanoTime()));
    }

    /** What is not wanted any more is told to the daemon, which has better use for its turn. */
    void end(Exchange exchange) {
        Long number = numbers.remove(exchange);
        if (number != null) {
            talks.remove(number);
            close(number);
        }
    }

    private void close(long number) {
        send(ToFiles.newBuilder().setTransfer(number).setClose(Close.getDefaultInstance()));
    }

    /** A message of an exchange beside its question. */
    boolean send(Exchange exchange, ToFiles.Builder message) {
        Long number = numbers.get(exchange);
        return number != null && send(message.setTransfer(number));
    }

    private boolean send(ToFiles.Builder message) {
        return line.map(open -> open.send(message.build().toByteArray())).orElse(false);
    }

    /** Since when the daemon can't be reached; empty: it can, or nobody has tried. */
    OptionalLong unreachableNanos() {
        return unreachableNanos;
    }

    String unreachable() {
        return unreachable;
    }

    boolean isEmpty() {
        return talks.isEmpty();
    }

    /** Opens the line, asks what is due, and hears answers, for at most so long. */
    void turn(Duration wait) {
        long now = System.nanoTime();
        if (line.isPresent() && (line.get().broken() || isSilent(now))) {
            hangUp();
        }
        if (line.isEmpty() && !talks.isEmpty() && now - redialNanos >= 0) {
            dial(now);
        }
        if (line.isPresent()) {
            askWhatIsDue(now);
            hear(line.get(), shorter(wait));
        }
    }

    boolean hasLine() {
        return line.isPresent();
    }

    private boolean isSilent(long now) {
        return !talks.isEmpty()
                && now - heardNanos > SILENT_ANSWERS_MAX * patience.answer().toNanos();
    }

    private void dial(long now) {
        try {
            line = Optional.of(opener.openLine(redialling.timeout()));
            heardNanos = System.nanoTime();
            unreachableNanos = OptionalLong.empty();
            unreachable = "";
            redialling.reset();
            talks.values().forEach(talk -> talk.askNanos = heardNanos);
        } catch (UnreachableException | RuntimeException e) {
            // The latter is jeromq's, without descriptors above all.
            String why = String.valueOf(e.getMessage());
            if (!why.equals(unreachable)) {
                LOG.warn("no connection for files: {}", why);
            }
            unreachable = why;
            unreachableNanos = unreachableNanos.isPresent() ? unreachableNanos : OptionalLong.of(now);
            redialNanos = System.nanoTime() + redialling.pauseNanos(0);
        }
    }

    private void askWhatIsDue(long now) {
        for (Map.Entry<Long, Talk> each : talks.entrySet()) {
            if (each.getValue().askNanos - now <= 0) {
                ask(each.getKey(), each.getValue(), now);
            }
        }
    }

    private void ask(long number, Talk talk, long now) {
        talk.askNanos = now + patience.answer().toNanos();
        if (!send(talk.exchange.ask().setTransfer(number))) {
            talk.askNanos = now + patience.pause().toNanos();
        }
    }

    private Duration shorter(Duration wait) {
        long now = System.nanoTime();
        long due = talks.values().stream()
                .mapToLong(talk -> talk.askNanos - now)
                .min()
                .orElse(Long.MAX_VALUE);
        return Duration.ofNanos(Math.max(0, Math.min(wait.toNanos(), due)));
    }

    private void hear(Line open, Duration wait) {
        Optional<byte[]> message = open.receive(wait);
        for (int i = 1; message.isPresent(); i++) {
            heardNanos = System.nanoTime();
            onMessage(message.get());
            message = i < MESSAGES_PER_TURN_MAX ? open.receive(Duration.ZERO) : Optional.empty();
        }
    }

    private void onMessage(byte[] bytes) {
        FromFiles answer;
        try {
            answer = FromFiles.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            LOG.warn("dropped an unreadable message of {} bytes", bytes.length);
            return;
        }
        Talk talk = talks.get(answer.getTransfer());
        if (talk == null) {
            if (answer.hasTurn() || answer.hasPiece()) {
                close(answer.getTransfer());
            }
            return;
        }
        long now = System.nanoTime();
        switch (talk.exchange.answered(answer)) {
            case ASK -> ask(answer.getTransfer(), talk, now);
            case WAIT -> talk.askNanos = now + patience.answer().toNanos();
            case ASK_LATER -> talk.askNanos = now + patience.pause().toNanos();
            case OVER -> end(talk.exchange);
        }
    }

    private void hangUp() {
        line.ifPresent(Line::close);
        line = Optional.empty();
        redialNanos = System.nanoTime();
        LOG.info(
                "the connection for files has ended{}",
                talks.isEmpty() ? "" : "; what is under way goes on by another");
    }

    void close() {
        line.ifPresent(Line::close);
        line = Optional.empty();
    }
}
