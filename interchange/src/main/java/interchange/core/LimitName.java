package interchange.core;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of the limits that a job names: {@code NAME} or {@code NAME:N}, for a job that counts as N; several have commas
 * between them.
 */
public record LimitName(String name, int weight) {
    private static final Pattern FORM = Pattern.compile("\\s*([A-Za-z_][A-Za-z0-9_.-]*)\\s*(?::\\s*([0-9]{1,6})\\s*)?");

    /**
     * All that a job names, each once.
     *
     * @throws IllegalArgumentException when the text is none of that form; its message says which part
     */
    public static List<LimitName> parse(String text) {
        List<LimitName> names = new ArrayList<>();
        if (text.isBlank()) {
            return names;
        }
        for (String part : text.split(",", -1)) {
            Matcher form = FORM.matcher(part);
            if (!form.matches()) {
                throw new IllegalArgumentException("'" + part.strip() + "' is no NAME and no NAME:N");
            }
            int weight = form.group(2) == null ? 1 : Integer.parseInt(form.group(2));
            if (weight < 1) {
                throw new IllegalArgumentException("'" + part.strip() + "' counts for nothing");
            }
            if (names.stream().noneMatch(known -> known.name().equals(form.group(1)))) {
                names.add(new LimitName(form.group(1), weight));
            }
        }
        return names;
    }
}
