package interchange.site.parsl;

import interchange.settings.ValueType;
import interchange.shared.Walltimes;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A walltime as Torque itself reads it, {@code [[HH:]MM:]SS}, where the Parsl plugin passes it on; as three parts. */
record TorqueTime() implements ValueType<String> {
    private static final Pattern CLOCK = Pattern.compile("(?:(?:([0-9]{1,5}):)?([0-9]{1,6}):)?([0-9]{1,8})");
    private static final long SECONDS_OF_MINUTE = 60;
    private static final long SECONDS_OF_HOUR = 3_600;

    @Override
    public Optional<String> read(Object value) {
        Matcher clock = CLOCK.matcher(value instanceof String text ? text.strip() : "");
        if (!clock.matches()) {
            return Optional.empty();
        }
        long seconds = number(clock.group(1)) * SECONDS_OF_HOUR
                + number(clock.group(2)) * SECONDS_OF_MINUTE
                + number(clock.group(3));
        String parts = "%02d:%02d:%02d"
                .formatted(
                        seconds / SECONDS_OF_HOUR,
                        seconds % SECONDS_OF_HOUR / SECONDS_OF_MINUTE,
                        seconds % SECONDS_OF_MINUTE);
        return Walltimes.read(parts).map(_ -> parts);
    }

    @Override
    public Object plain(String value) {
        return value;
    }

    @Override
    public String allowed() {
        return "\"[[HH:]MM:]SS\" in quotes (YAML makes a number of it without them)";
    }

    private static long number(@Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
