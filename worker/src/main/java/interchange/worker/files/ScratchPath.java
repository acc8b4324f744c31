package interchange.worker.files;

import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A site's scratch directory as its node knows it: batch systems tell theirs in a variable. */
final class ScratchPath {
    private static final Pattern VARIABLE = Pattern.compile("^\\$\\{?([A-Za-z_][A-Za-z0-9_]*)}?");

    private ScratchPath() {}

    static String expand(String given, Map<String, String> environment) throws IOException {
        Matcher variable = VARIABLE.matcher(given);
        if (!variable.find()) {
            return given;
        }
        String value = environment.getOrDefault(variable.group(1), "");
        if (value.isEmpty()) {
            throw new IOException("the site's scratch is " + given + ", but there is no " + variable.group(1)
                    + " in the environment of the node's worker");
        }
        return value + given.substring(variable.end());
    }
}
