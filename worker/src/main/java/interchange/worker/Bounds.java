package interchange.worker;

import interchange.worker.process.Clock;

/** What jobs are held to here: their memory, their cores, and the end of the block. The loop's. */
record Bounds(MemoryRule memory, Pinning pinning, LastCall lastCall, BlockEnd blockEnd) {
    static Bounds of(Place place, Clock clock) {
        var blockEnd = new BlockEnd(place.remainingSeconds(), clock);
        return new Bounds(new MemoryRule(clock), Pinning.of(place.cores()), new LastCall(blockEnd), blockEnd);
    }

    /** As the daemon has just said it. */
    void settle(Limits limits) {
        memory.limits(limits);
        pinning.turn(limits.pin());
        lastCall.noticeOf(limits.drainBeforeNanos());
    }
}
