package interchange.simulation;

import java.util.random.RandomGenerator;

/** How bad the world is: drawn from the seed, so that some worlds have much of one evil and none of another. */
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
        double stop) {

    static Faults none() {
        return new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
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
                sometimes(random, 0.01));
    }

    private static double sometimes(RandomGenerator random, double most) {
        return random.nextInt(3) == 0 ? 0 : random.nextDouble() * most;
    }
}
