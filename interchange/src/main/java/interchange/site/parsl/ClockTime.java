package interchange.site.parsl;

import interchange.settings.ValueType;
import interchange.shared.Walltimes;
import java.util.Optional;
import java.util.regex.Pattern;

/** A walltime as the Parsl plugin takes it: text of three parts. A number comes of forgotten quotes, so it is refused. */
record ClockTime() implements ValueType<String> {
    private static final Pattern THREE_PARTS = Pattern.compile("(?:[0-9]+-)?[0-9]+:[0-9]{2}:[0-9]{2}");

    @Override
    public Optional<String> read(Object value) {
        return value instanceof String text
                        && THREE_PARTS.matcher(text.strip()).matches()
                        && Walltimes.read(text).isPresent()
                ? Optional.of(text.strip())
                : Optional.empty();
    }

    @Override
    public Object plain(String value) {
        return value;
    }

    @Override
    public String allowed() {
        return "\"HH:MM:SS\" in quotes (YAML makes a number of it without them)";
    }
}
