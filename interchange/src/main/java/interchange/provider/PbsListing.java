package interchange.provider;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of {@code qstat -f}: jobs with their attributes.
 *
 * <p>Not its JSON, which Torque has not, and OpenPBS writes by looking at each value: {@code 007} becomes 7,
 * {@code 1e400} null, bytes are copied raw, and some versions write what no parser takes. In the text a value is as it
 * was given, wrapped at 80 columns, and what can't be read spoils itself alone.
 */
final class PbsListing {
    private static final String JOB = "Job Id: ";
    private static final Pattern ATTRIBUTE = Pattern.compile(" {4}([A-Za-z_][A-Za-z0-9_.-]*) = (.*)");

    private PbsListing() {}

    /** By job id, the attributes by name in small letters, as dialects differ in the case of some. */
    static Map<String, Map<String, String>> read(String text) {
        Map<String, Map<String, String>> jobs = new LinkedHashMap<>();
        Map<String, String> job = new HashMap<>();
        String last = "";
        for (String line : text.split("\n", -1)) {
            Matcher attribute = ATTRIBUTE.matcher(line);
            if (line.startsWith(JOB)) {
                job = new HashMap<>();
                jobs.put(line.substring(JOB.length()).strip(), job);
                last = "";
            } else if (attribute.matches()) {
                last = attribute.group(1).toLowerCase(Locale.ROOT);
                // The first counts: a value with line breaks in it may look like attributes.
                job.putIfAbsent(last, attribute.group(2));
            } else if (line.startsWith("\t") && !last.isEmpty()) {
                job.merge(last, line.substring(1), String::concat);
            }
        }
        return jobs;
    }
}
