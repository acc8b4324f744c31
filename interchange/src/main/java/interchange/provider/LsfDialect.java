package interchange.provider;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which of the systems with the commands of LSF. */
public enum LsfDialect {
    /** IBM LSF from version 10 on: listings of chosen fields, and units of memory. */
    FORMATTED,
    /** Older LSF, openlava and their kin: the listings are for people. */
    PLAIN;

    private static final Pattern LSF_VERSION = Pattern.compile("LSF[^0-9\\n]*([0-9]+)\\.");
    private static final int FORMATTED_SINCE = 10;

    /** Reads what {@code bsub -V} says, on stderr mostly. */
    static LsfDialect of(Answer answer) throws ProviderException {
        if (!answer.ok()) {
            throw ProviderException.of("bsub -V", answer);
        }
        Matcher version = LSF_VERSION.matcher(answer.stderr() + "\n" + answer.stdout());
        return version.find() && Integer.parseInt(version.group(1)) >= FORMATTED_SINCE ? FORMATTED : PLAIN;
    }
}
