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

/** Sends what jobs print while they run, for those who follow it. All of it is offered again at the end. The courier's. */
final class Following {
    private final Desk desk;
    private final long periodNanos;
    private final Map<AttemptName, List<Output>> followed = new LinkedHashMap<>();
    private long nextNanos = System.nanoTime();

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

    Following(Desk desk, Duration period) {
        this.desk = desk;
        periodNanos = period.toNanos();
    }

    void begin(Order order) {
        Folder folder = desk.store().folder(order);
        List<Output> outputs = new ArrayList<>();
        outputs.add(new Output(name(order, FileName.Log.STDOUT), folder.stdout()));
        if (!order.oneLog()) {
            outputs.add(new Output(name(order, FileName.Log.STDERR), folder.stderr()));
        }
        followed.put(order.attempt(), outputs);
    }

    private static FileName name(Order order, FileName.Log log) {
        return FileName.newBuilder().setAttempt(order.attempt()).setLog(log).build();
    }

    void end(AttemptName attempt) {
        Optional.ofNullable(followed.remove(attempt))
                .ifPresent(outputs -> outputs.forEach(output -> output.underWay.ifPresent(offering -> {
                    desk.talks().end(offering);
                    offering.close();
                })));
    }

    void tick(long now) {
        if (now - nextNanos < 0) {
            return;
        }
        nextNanos = now + periodNanos;
        for (List<Output> outputs : followed.values()) {
            outputs.forEach(this::look);
        }
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
