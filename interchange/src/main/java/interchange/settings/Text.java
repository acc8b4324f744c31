package interchange.settings;

import java.util.Optional;

/** Some text; numbers are taken as they are written. Never with a NUL, which no command line can carry. */
public record Text(boolean severalLines) implements ValueType<String> {
    public static Text line() {
        return new Text(false);
    }

    public static Text lines() {
        return new Text(true);
    }

    @Override
    public Optional<String> read(Object value) {
        return scalar(value).filter(text -> severalLines || text.indexOf('\n') < 0);
    }

    /** Text, a number or a Boolean as text. */
    static Optional<String> scalar(Object value) {
        String text = switch (value) {
            case String given -> given;
            case Double number
            when number == Math.rint(number) && Math.abs(number) < 1e15 -> String.valueOf(number.longValue());
            case Number number -> number.toString();
            case Boolean bool -> bool.toString();
            default -> "\0";
        };
        return text.indexOf('\0') < 0 ? Optional.of(text) : Optional.empty();
    }

    @Override
    public Object plain(String value) {
        return value;
    }

    @Override
    public String allowed() {
        return severalLines ? "text" : "one line of text";
    }
}
