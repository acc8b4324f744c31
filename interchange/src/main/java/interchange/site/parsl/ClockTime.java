package interchange.site.parsl;

import interchange.settings.ValueType;
import interchange.shared.Walltimes;
import java.util.Optional;

/** A walltime as the Parsl plugin takes it: text with colons. A number comes of forgotten quotes, so it is refused. */
record ClockTime() implements ValueType<String> {
    @Override
    public Optional<String> read(Object value) {
        return value instanceof String text
                        && text.contains(":")
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
