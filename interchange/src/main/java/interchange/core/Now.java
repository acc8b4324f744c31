package interchange.core;

/**
 * The time of an event, given from outside.
 *
 * @param steadyMillis counts suspended time and never jumps (CLOCK_BOOTTIME): leases and timers use it
 * @param epochMillis the wall clock: rows for people use it
 */
public record Now(long steadyMillis, long epochMillis) {}
