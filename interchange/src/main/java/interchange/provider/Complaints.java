package interchange.provider;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What a command says of single jobs on stderr, so that an answer about some can be told from none at all: most commands
 * of batch systems go on after a job that they don't know, and then end with a code of failure all the same.
 *
 * @param ofSingleJobs matches within each line that speaks of one job alone
 */
record Complaints(Pattern ofSingleJobs) {

    /** Passes answers that are about jobs, and refuses those that say why there is none. */
    void check(String command, Answer answer) throws ProviderException {
        if (answer.fate() != Answer.Fate.ENDED) {
            throw ProviderException.of(command, answer);
        }
        List<String> said = said(answer);
        boolean singleOnly =
                said.stream().allMatch(line -> ofSingleJobs.matcher(line).find());
        if (answer.exit() != 0 && (said.isEmpty() || !singleOnly)) {
            throw ProviderException.of(command, answer);
        }
    }

    /** The same, for a command that must say something of each job that it was asked for. */
    void checkSpoken(String command, Answer answer) throws ProviderException {
        check(command, answer);
        boolean silent = said(answer).isEmpty() && answer.stdout().isBlank();
        if (silent) {
            throw new ProviderException(command + " said nothing of any job", true);
        }
    }

    private static List<String> said(Answer answer) {
        return answer.stderr().lines().filter(line -> !line.isBlank()).toList();
    }
}
