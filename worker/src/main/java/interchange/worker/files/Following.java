package interchange.worker.files;

import interchange.proto.files.FileName;
import interchange.proto.files.Refused;
import interchange.proto.worker.AttemptName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sends what jobs print while they run, for those who follow it; the longer one has run, the more seldom, since most are
 * followed by nobody, and a daemon has thousands. All of it is offered again at the end. The courier's.
 */
final class Following {
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    static final Duration PAUSE_MAX = Duration.ofSeconds(15);

    /** Who follows a job sees what it prints when it has become older by this part of its age. */
    private static final int PART_OF_AGE = 10;

    private final Desk desk;
    private final Map<AttemptName, Attempt> followed = new LinkedHashMap<>();

    /** One, and when it is looked at again. */
    private static final class Attempt {
        final List<Output> outputs;
        final long sinceNanos;
        long nextNanos;

        Attempt(List<Output> outputs, long now) {
            this.outputs = outputs;
            sinceNanos = now;
            // Of most that are quick nothing is offered before their end.
            nextNanos = now + PAUSE_MIN.toNanos();
        }
    }

    /** One of the two of an attempt. */
    private static final class Output {
        final FileName name;
        final Path file;
        long sent;
        boolean refused;
        Optional<Offering> underWay = Optional.empty();

        Output(FileName name, Path file) {
            this.name = name;
            this.file = file;
        }
    }

    Following(Desk desk) {
        this.desk = desk;
    }

    void begin(Order order, long now) {
        Folder folder = desk.store().folder(order);
        List<Output> outputs = new ArrayList<>();
        outputs.add(new Output(name(order, FileName.Log.STDOUT), folder.stdout()));
        if (!order.oneLog()) {
            outputs.add(new Output(name(order, FileName.Log.STDERR), folder.stderr()));
        }
        followed.put(order.attempt(), new Attempt(outputs, now));
    }

    private static FileName name(Order order, FileName.Log log) {
        return FileName.newBuilder().setAttempt(order.attempt()).setLog(log).build();
    }

    void end(AttemptName attempt) {
        Optional.ofNullable(followed.remove(attempt))
                .ifPresent(ended -> ended.outputs.forEach(output -> output.underWay.ifPresent(offering -> {
                    desk.talks().end(offering);
                    offering.close();
                })));
    }

    void tick(long now) {
        for (Attempt attempt : followed.values()) {
            if (now - attempt.nextNanos >= 0) {
                attempt.nextNanos = now + pauseNanos(now - attempt.sinceNanos);
                attempt.outputs.forEach(this::look);
            }
        }
    }

    private static long pauseNanos(long age) {
        return Math.clamp(age / PART_OF_AGE, PAUSE_MIN.toNanos(), PAUSE_MAX.toNanos());
    }

    private void look(Output output) {
        if (output.refused || output.underWay.isPresent()) {
            return;
        }
        long size;
        try {
            size = Files.size(output.file);
        } catch (IOException e) {
            return; // Whatever it is, the end will tell.
        }
        if (size == output.sent) {
            return;
        }
        // It sends of itself, and so must be known before it is.
        var self = new ArrayList<Offering>(1);
        self.add(new Offering(
                output.name,
                Offering.Made.growing(size),
                () -> desk.store().read(output.file),
                message -> desk.talks().send(self.getFirst(), message),
                refused -> over(output, size, refused)));
        output.underWay = Optional.of(self.getFirst());
        desk.talks().begin(self.getFirst());
    }

    private static void over(Output output, long size, Optional<Refused> refused) {
        output.underWay = Optional.empty();
        output.sent = size;
        output.refused = refused.isPresent();
    }
}
