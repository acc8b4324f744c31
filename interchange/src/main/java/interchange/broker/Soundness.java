package interchange.broker;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.FromWorker;
import interchange.proto.worker.Hello;

/**
 * Whether a worker's message can be meant: names and counts that no worker of ours would send stay out of the daemon.
 * Mere measurements are no reason to drop a result; the codec bounds them.
 */
final class Soundness {
    /** More than a worker is ever given, by far. */
    static final int ATTEMPTS_MAX = 100_000;

    private static final int TOKEN_CHARACTERS_MAX = 256;
    private static final int CORES_MAX = 100_000;

    private Soundness() {}

    static boolean isSound(FromWorker message) {
        if (message.getSession() < 0) {
            return false;
        }
        return switch (message.getBodyCase()) {
            case HELLO -> isSound(message.getHello());
            case REPORTS ->
                message.getReports().getReportsCount() <= ATTEMPTS_MAX
                        && message.getReports().getReportsList().stream()
                                .allMatch(report -> report.hasAttempt() && isSound(report.getAttempt()));
            case HEARTBEAT -> message.getHeartbeat().getNumber() >= 0;
            case LEAVING, GOODBYE -> true;
            // A newer worker's; the codec passes it over.
            case BODY_NOT_SET -> true;
        };
    }

    private static boolean isSound(Hello hello) {
        return isToken(hello.getIncarnation())
                && isToken(hello.getBlockToken())
                && hello.getHost().length() <= TOKEN_CHARACTERS_MAX
                && hello.getVersion().length() <= TOKEN_CHARACTERS_MAX
                && hello.getNumber() >= 0
                && hello.getBlockRestarts() >= 0
                && hello.getRank() >= 0
                && hello.getStart() >= 0
                && hello.getPid() >= 0
                && hello.getCores() > 0
                && hello.getCores() <= CORES_MAX
                && hello.getMemoryMib() >= 0
                && hello.getHeldCount() <= ATTEMPTS_MAX
                && hello.getHeldList().stream().allMatch(held -> held.hasAttempt() && isSound(held.getAttempt()));
    }

    private static boolean isSound(AttemptName name) {
        return name.getRun() >= 0 && name.getJob() >= 0 && name.getNumber() >= 0;
    }

    private static boolean isToken(String text) {
        return !text.isEmpty() && text.length() <= TOKEN_CHARACTERS_MAX;
    }
}
