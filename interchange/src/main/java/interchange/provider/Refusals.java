package interchange.provider;

import java.util.regex.Pattern;

/** Whether a submission that failed was surely refused, or may have been heard. */
final class Refusals {
    /** The words of a command that lost its server in mid-sentence. */
    private static final Pattern INTERRUPTED =
            Pattern.compile("(?i)end of file|timed? ?out|communication|connection (reset|closed|broken)|broken pipe"
                    + "|no reply|invalid connection|not responding|protocol");

    private Refusals() {}

    static ProviderException of(String command, Answer answer) {
        ProviderException refusal = ProviderException.of(command, answer);
        boolean interrupted = INTERRUPTED.matcher(answer.stderr()).find();
        return interrupted ? new ProviderException(String.valueOf(refusal.getMessage()), false) : refusal;
    }
}
