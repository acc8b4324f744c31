package interchange.core;

import java.time.Duration;

/**
 * The times that hold for the whole daemon. Tests shorten them; the order between them must stay.
 *
 * @param heartbeat between two heartbeats of a worker
 * @param leaseMargin added to a worker's lease before what it ran is given to another
 * @param blockEndWait how long after the batch system said that a block is over its workers count as dead
 * @param intentWait how long a block that was asked for may be absent from the batch system's answers
 * @param reserveAfter how long a job may be passed over by smaller ones before a worker is kept free for it
 * @param stopGrace how long a stop waits for workers and blocks to leave, beyond the longest killGrace
 */
public record Timing(
        Duration heartbeat,
        Duration leaseMargin,
        Duration blockEndWait,
        Duration intentWait,
        Duration reserveAfter,
        Duration stopGrace) {

    public static Timing standard() {
        return new Timing(
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30));
    }
}
