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
        return value instanceof String text && words.contains(text.strip())
                ? Optional.of(text.strip())
                : Optional.empty();
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
