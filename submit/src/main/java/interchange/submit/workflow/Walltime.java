package interchange.submit.workflow;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A walltime as users write it: minutes, or [D-]HH:MM[:SS] as batch systems have it. */
final class Walltime {
    static final String ALLOWED = "minutes, or [D-]HH:MM[:SS]";

    private static final Pattern MINUTES = Pattern.compile("[0-9]{1,7}(\\.[0-9]{1,6})?");
    private static final Pattern CLOCK = Pattern.compile(
            "(?:(?<days>[0-9]{1,4})-)?(?<hours>[0-9]{1,5}):(?<minutes>[0-5][0-9])(?::(?<seconds>[0-5][0-9]))?");

    private Walltime() {}

    /** Seconds, rounded up; empty when it is none, or zero. */
    static OptionalLong seconds(String text) {
        long seconds = 0;
        Matcher clock = CLOCK.matcher(text);
        if (MINUTES.matcher(text).matches()) {
            seconds = (long) Math.ceil(Double.parseDouble(text) * 60);
        } else if (clock.matches()) {
            long days = number(clock.group("days"));
            long hours = number(clock.group("hours"));
            // 1-30:00 is more likely a slip than two days.
            boolean slip = clock.group("days") != null && hours > 23;
            seconds = slip
                    ? 0
                    : ((days * 24 + hours) * 60 + number(clock.group("minutes"))) * 60 + number(clock.group("seconds"));
        }
        return seconds > 0 ? OptionalLong.of(seconds) : OptionalLong.empty();
    }

    private static long number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
