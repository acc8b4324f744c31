package interchange.settings;

import java.util.Optional;

/**
 * One key of a section.
 *
 * @param standard its value when it is not given; empty: none, or one that depends on other things
 * @param standardText the same for people
 * @param meaning one or two sentences for the manual
 */
public record Key<T>(String name, ValueType<T> type, Optional<T> standard, String standardText, String meaning) {

    /** A key that may be left out, which {@code standardText} explains. */
    public static <T> Key<T> optional(String name, ValueType<T> type, String standardText, String meaning) {
        return new Key<>(name, type, Optional.empty(), standardText, meaning);
    }

    public static <T> Key<T> of(String name, ValueType<T> type, T standard, String meaning) {
        return new Key<>(name, type, Optional.of(standard), String.valueOf(type.plain(standard)), meaning);
    }
}
