package interchange.worker.process;

/** The two times a worker goes by: one that never stands still, for leases and limits, and the calendar for reports. */
public interface Clock {
    /** Nanoseconds since boot, with the time that the machine was suspended. */
    long bootNanos();

    long epochMillis();
}
