package interchange.simulation;

import java.util.random.RandomGenerator;

/**
 * How bad the world is: drawn from the seed, so that some worlds have much of one evil and none of another.
 *
 * @param requeueBlock a running block is put back into the queue, as after a preemption
 * @param loseBlock a block is taken, named and never heard of again
 * @param omitBlock a successful answer leaves a living block out
 * @param oldAnswer an answer says of a running block that it is in the queue
 * @param longQueue a block waits for hours
 * @param loseNode a node of a block can't be reached any more, and goes on
 * @param badNode on one node no worker ever starts
 */
record Faults(
        double lose,
        double repeat,
        double delay,
        double crash,
        double killWorker,
        double freezeWorker,
        double cutLink,
        double pollFails,
        double submitFails,
        double submitUncertain,
        double endBlock,
        double lieAboutEnd,
        double suspendBlock,
        double stop,
        double requeueBlock,
        double loseBlock,
        double omitBlock,
        double oldAnswer,
        double longQueue,
        double loseNode,
        boolean badNode) {

    static Faults none() {
        return new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false);
    }

    static Faults drawn(RandomGenerator random) {
        return new Faults(
                sometimes(random, 0.05),
                sometimes(random, 0.1),
                sometimes(random, 0.1),
                sometimes(random, 0.004),
                sometimes(random, 0.02),
                sometimes(random, 0.02),
                sometimes(random, 0.02),
                sometimes(random, 0.3),
                sometimes(random, 0.3),
                sometimes(random, 0.3),
                sometimes(random, 0.02),
                sometimes(random, 0.5),
                sometimes(random, 0.02),
                sometimes(random, 0.01),
                sometimes(random, 0.01),
                sometimes(random, 0.1),
                sometimes(random, 0.05),
                sometimes(random, 0.2),
                sometimes(random, 0.3),
                sometimes(random, 0.01),
                random.nextInt(4) == 0);
    }

    private static double sometimes(RandomGenerator random, double most) {
        return random.nextInt(3) == 0 ? 0 : random.nextDouble() * most;
    }
}
