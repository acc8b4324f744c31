package interchange.worker.files;

import java.time.Duration;

/**
 * How long the courier waits for what.
 *
 * @param answer before it asks again
 * @param pause before it tries again what can't be done now: a connection, a daemon's full disk
 * @param room before it tries again to write on a full disk of this node
 * @param noRoom with a full disk, before the job is given back
 * @param unreachable with the daemon's socket for files out of reach, though the other is not
 * @param notNow with an input that the daemon can't read now
 */
record Patience(
        Duration answer, Duration pause, Duration room, Duration noRoom, Duration unreachable, Duration notNow) {
    static Patience standard() {
        return new Patience(
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofMinutes(10),
                Duration.ofMinutes(30));
    }
}
