package interchange.submit.command;

import interchange.submit.CommandException;
import interchange.submit.Kind;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time on the command line, like 90s, 10m, 2h, 30d, 4w; never without a unit. */
final class TimeOption {
    private static final Pattern SPAN = Pattern.compile("(\\d{1,6})\\s*([smhdw])");

    private TimeOption() {}

    static Duration parse(String option, String text) throws CommandException {
        Matcher span = SPAN.matcher(text.strip());
        if (!span.matches()) {
            throw new CommandException(
                    Kind.USER, option + " '" + text + "' is no span of time: write it like 90s, 10m, 2h, 30d or 4w");
        }
        long number = Long.parseLong(span.group(1));
        return switch (span.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofDays(7 * number);
        };
    }
}
