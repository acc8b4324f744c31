package interchange.provider;

/** Which of the systems that are called PBS; they share their commands, and differ in what these take and show. */
public enum PbsDialect {
    /** OpenPBS and PBS Pro: chunks by {@code select}, and a history beside the queue. */
    PRO,
    /** Nodes by {@code nodes=…:ppn=…}; what is over stays in the queue for a while, as C. */
    TORQUE;

    /**
     * Reads what {@code qstat --version} says: {@code pbs_version = 23.06.06} on stdout here, {@code Version: 6.1.1} on
     * stderr there. What only looks like PBS (a wrapper of another batch system) says neither.
     */
    static PbsDialect of(Answer answer) throws ProviderException {
        if (answer.fate() != Answer.Fate.ENDED) {
            throw ProviderException.of("qstat --version", answer);
        }
        String words = answer.stdout() + "\n" + answer.stderr();
        if (words.contains("pbs_version")) {
            return PRO;
        }
        if (words.lines().anyMatch(line -> line.strip().matches("(?i)version:\\s*[0-9].*"))) {
            return TORQUE;
        }
        throw new ProviderException(
                "qstat --version does not answer like OpenPBS, PBS Pro or Torque: " + answer.words(), true);
    }
}
