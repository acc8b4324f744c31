package interchange.settings;

import java.util.List;
import java.util.Optional;

/** One of a few words. */
public record Choice(List<String> words) implements ValueType<String> {
    public Choice {
        words = List.copyOf(words);
    }

    public static Choice of(String... words) {
        return new Choice(List.of(words));
    }

    @Override
    public Optional<String> read(Object value) {
        return Optional.of(value).map(Choice::word).filter(words::contains);
    }

    /** The YAML of Python, and so of BPS, reads on and off without quotes as truth values. */
    private static String word(Object value) {
        return switch (value) {
            case String text -> text.strip();
            case Boolean on -> on ? "on" : "off";
            default -> "";
        };
    }

    @Override
    public Object plain(String value) {
        return value;
    }

    @Override
    public String allowed() {
        return String.join(" or ", words);
    }
}
