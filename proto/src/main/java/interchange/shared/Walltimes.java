package interchange.shared;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Walltimes as batch systems and people write them: minutes as a number or digits, or [D-]HH:MM[:SS]. */
public final class Walltimes {
    /** Longer is a mistake of units. */
    private static final Duration MOST = Duration.ofDays(400);

    public static final String ALLOWED = "minutes, or [D-]HH:MM[:SS], up to " + MOST.toDays() + " days";

    private static final Pattern CLOCK = Pattern.compile("(?:([0-9]{1,4})-)?([0-9]{1,5}):([0-9]{2})(?::([0-9]{2}))?");

    private Walltimes() {}

    /** A number, or text of one or of a clock time; fractions of a second are rounded up. Empty: it is none. */
    public static Optional<Duration> read(Object value) {
        Optional<Duration> span =
                value instanceof String text && text.contains(":") ? ofClock(text.strip()) : ofMinutes(value);
        return span.filter(some -> some.isPositive() && some.compareTo(MOST) <= 0);
    }

    private static Optional<Duration> ofClock(String text) {
        Matcher clock = CLOCK.matcher(text);
        if (!clock.matches() || number(clock.group(3)) > 59 || number(clock.group(4)) > 59) {
            return Optional.empty();
        }
        if (clock.group(1) != null && number(clock.group(2)) > 23) {
            return Optional.empty(); // 1-30:00 is more likely a slip than a day and a half
        }
        return Optional.of(Duration.ofDays(number(clock.group(1)))
                .plusHours(number(clock.group(2)))
                .plusMinutes(number(clock.group(3)))
                .plusSeconds(number(clock.group(4))));
    }

    private static Optional<Duration> ofMinutes(Object value) {
        return Numbers.read(value)
                .filter(minutes -> minutes.signum() > 0 && minutes.compareTo(BigDecimal.valueOf(MOST.toMinutes())) <= 0)
                .map(minutes -> minutes.multiply(BigDecimal.valueOf(60)).setScale(0, RoundingMode.CEILING))
                .map(seconds -> Duration.ofSeconds(seconds.longValueExact()));
    }

    private static int number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }
}
