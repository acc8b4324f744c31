package interchange.settings;

import interchange.shared.Numbers;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A length of time: seconds as a bare number, or a number with a unit, such as "30 s" or "5 min". */
public record TimeSpan(Duration least, Duration most) implements ValueType<Duration> {
    private static final Pattern FORM = Pattern.compile(
            "([0-9]{1,9}(?:\\.[0-9]{1,3})?)\\s*" + "(ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?");
    private static final BigDecimal MILLIS = BigDecimal.valueOf(1000);

    public static TimeSpan between(Duration least, Duration most) {
        return new TimeSpan(least, most);
    }

    @Override
    public Optional<Duration> read(Object value) {
        String text = switch (value) {
            case Number number ->
                Numbers.read(number).map(BigDecimal::toPlainString).orElse("");
            case String given -> given.strip();
            default -> "";
        };
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String unit = matcher.group(2);
        BigDecimal millis = new BigDecimal(matcher.group(1)).multiply(unit == null ? MILLIS : millisOf(unit));
        Duration span = Duration.ofMillis(millis.longValue());
        return span.compareTo(least) < 0 || span.compareTo(most) > 0 ? Optional.empty() : Optional.of(span);
    }

    private static BigDecimal millisOf(String unit) {
        if (unit.equals("ms")) {
            return BigDecimal.ONE;
        }
        return switch (unit.charAt(0)) {
            case 's' -> MILLIS;
            case 'm' -> BigDecimal.valueOf(60_000);
            case 'h' -> BigDecimal.valueOf(3_600_000);
            default -> BigDecimal.valueOf(86_400_000);
        };
    }

    @Override
    public Object plain(Duration value) {
        return text(value);
    }

    /** Such as "90 s" or "60 min": the largest unit that is exact, from two of it on. */
    public static String text(Duration value) {
        long millis = value.toMillis();
        if (millis % 1000 != 0) {
            return millis + " ms";
        }
        long seconds = millis / 1000;
        if (seconds >= 2 * 86_400 && seconds % 86_400 == 0) {
            return seconds / 86_400 + " d";
        }
        if (seconds > 2 * 3_600 && seconds % 3_600 == 0) {
            return seconds / 3_600 + " h";
        }
        return seconds > 120 && seconds % 60 == 0 ? seconds / 60 + " min" : seconds + " s";
    }

    @Override
    public String unit() {
        return "s";
    }

    @Override
    public String allowed() {
        return "a time from " + text(least) + " to " + text(most) + ", such as \"30 s\", \"5 min\" or \"2 h\"";
    }
}
