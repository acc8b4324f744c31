package interchange.settings;

import java.util.Optional;

/** Some text without white space, such as the name of a queue; empty text is as if left out. */
public record Word() implements ValueType<String> {
    @Override
    public Optional<String> read(Object value) {
        return Text.line()
                .read(value)
                .map(String::strip)
                .filter(text -> text.chars().noneMatch(Character::isWhitespace));
    }

    @Override
    public Object plain(String value) {
        return value;
    }

    @Override
    public String allowed() {
        return "a word";
    }
}
