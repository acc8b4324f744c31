package interchange.settings;

import java.util.Locale;
import java.util.Optional;

/** True or false. */
public record YesNo() implements ValueType<Boolean> {
    @Override
    public Optional<Boolean> read(Object value) {
        return switch (value) {
            case Boolean given -> Optional.of(given);
            case String text -> ofText(text.strip().toLowerCase(Locale.ROOT));
            default -> Optional.empty();
        };
    }

    private static Optional<Boolean> ofText(String text) {
        return switch (text) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    @Override
    public Object plain(Boolean value) {
        return value;
    }

    @Override
    public String allowed() {
        return "true or false";
    }
}
