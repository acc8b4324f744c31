package interchange.shared;

import java.math.BigDecimal;
import java.util.Optional;

/** Numbers in whatever form YAML, JSON or a text gave them. */
public final class Numbers {
    /** Longer texts are no numbers that anyone means; and a huge exponent would cost time. */
    private static final int TEXT_MAX = 20;

    private Numbers() {}

    public static Optional<BigDecimal> read(Object value) {
        return switch (value) {
            case Number number -> ofText(number.toString());
            case String text -> ofText(text.strip());
            default -> Optional.empty();
        };
    }

    private static Optional<BigDecimal> ofText(String text) {
        // BigDecimal takes the digits of every script, which no other reader of ours does.
        if (text.length() > TEXT_MAX || !text.chars().allMatch(character -> character < 128)) {
            return Optional.empty();
        }
        try {
            BigDecimal number = new BigDecimal(text);
            return Math.abs((long) number.scale()) <= TEXT_MAX ? Optional.of(number) : Optional.empty();
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }
}
