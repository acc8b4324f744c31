package interchange.worker;

import interchange.wire.UnreachableException;
import java.time.Duration;
import java.util.Optional;

/**
 * One attempt to connect, on a thread of its own: it may take a minute, and the loop has jobs to watch meanwhile. The
 * channel goes over to the loop's thread with the result.
 */
final class Dialling {
    sealed interface Result {}

    record Connected(Channel channel) implements Result {}

    record Failed(String why) implements Result {}

    private volatile Optional<Result> result = Optional.empty();

    private Dialling() {}

    /** @param whenOver called on that thread when there is a result */
    static Dialling start(Dialer dialer, Duration timeout, Runnable whenOver) {
        var dialling = new Dialling();
        Thread.ofPlatform().name("dialler").daemon().start(() -> {
            dialling.result = Optional.of(dial(dialer, timeout));
            whenOver.run();
        });
        return dialling;
    }

    private static Result dial(Dialer dialer, Duration timeout) {
        try {
            return new Connected(dialer.dial(timeout));
        } catch (UnreachableException e) {
            return new Failed(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            // jeromq's, when there are no descriptors left: no reason to give up what runs.
            return new Failed(e.toString());
        }
    }

    /** Empty while it is under way. */
    Optional<Result> result() {
        return result;
    }
}
