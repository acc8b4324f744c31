package interchange.settings;

import java.util.Optional;

/** What the value of a key may be: reads it, writes it, and says it in words. */
public interface ValueType<T> {

    /** Reads what a section holds (text, Boolean, Number, List or Map, whatever YAML or JSON made of it); empty: not allowed. */
    Optional<T> read(Object value);

    /** The value as one text, number, Boolean, list or map, from which {@link #read} makes the same value again. */
    Object plain(T value);

    /** What is allowed, such as "a whole number from 1 to 1024"; for messages and the manual. */
    String allowed();

    /** The unit of a bare number; empty: none. */
    default String unit() {
        return "";
    }
}
