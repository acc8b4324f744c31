package interchange.site.parsl;

import interchange.settings.ValueType;
import java.util.Optional;

/** The value of a key that has no effect. */
record Anything() implements ValueType<Object> {
    @Override
    public Optional<Object> read(Object value) {
        return Optional.of(value);
    }

    @Override
    public Object plain(Object value) {
        return value;
    }

    @Override
    public String allowed() {
        return "anything";
    }
}
