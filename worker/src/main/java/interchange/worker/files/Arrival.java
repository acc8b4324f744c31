package interchange.worker.files;

import interchange.proto.files.FileName;
import interchange.proto.worker.StagedFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** An attempt whose inputs are being brought. The courier's. */
final class Arrival {
    final Order order;
    final long sinceNanos;
    /** What the daemon is being asked for it alone. */
    final List<Exchange> exchanges = new ArrayList<>();

    private Optional<Folder> folder = Optional.empty();
    private int missing;
    private int inVain;
    private boolean over;
    private OptionalLong stuckNanos = OptionalLong.empty();
    private OptionalLong notNowNanos = OptionalLong.empty();
    private String notNow = "";

    Arrival(Order order, long now) {
        this.order = order;
        this.sinceNanos = now;
    }

    Folder folder() {
        return folder.orElseThrow();
    }

    boolean hasFolder() {
        return folder.isPresent();
    }

    void folder(Folder made) {
        folder = Optional.of(made);
    }

    FileName name(StagedFile file) {
        return FileName.newBuilder()
                .setAttempt(order.attempt())
                .setNumber(file.getNumber())
                .build();
    }

    /** So many things are to be there before it can start. */
    void expects(int count) {
        missing = count;
    }

    /** Whether that was the last. */
    boolean got() {
        missing--;
        stuckNanos = OptionalLong.empty();
        notNowNanos = OptionalLong.empty();
        return missing == 0;
    }

    /** How often what came was not what was announced. */
    int inVain() {
        return ++inVain;
    }

    boolean isOver() {
        return over;
    }

    void end() {
        over = true;
    }

    /** How long this node has lacked something for it. */
    long stuckFor(long now) {
        stuckNanos = stuckNanos.isPresent() ? stuckNanos : OptionalLong.of(now);
        return now - stuckNanos.getAsLong();
    }

    void notNow(String why, long now) {
        notNowNanos = notNowNanos.isPresent() ? notNowNanos : OptionalLong.of(now);
        notNow = why;
    }

    long notNowFor(long now) {
        return notNowNanos.isPresent() ? now - notNowNanos.getAsLong() : 0;
    }

    String notNow() {
        return notNow;
    }
}
