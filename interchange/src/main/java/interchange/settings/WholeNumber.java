package interchange.settings;

import interchange.shared.Numbers;
import java.math.BigDecimal;
import java.util.Optional;

/** A whole number within limits; digits in text are taken too, since configurations are often put together as text. */
public record WholeNumber(int least, int most, String unit) implements ValueType<Integer> {

    public static WholeNumber between(int least, int most) {
        return new WholeNumber(least, most, "");
    }

    @Override
    public Optional<Integer> read(Object value) {
        return Numbers.read(value)
                .filter(number -> number.stripTrailingZeros().scale() <= 0)
                .filter(number -> number.compareTo(BigDecimal.valueOf(least)) >= 0)
                .filter(number -> number.compareTo(BigDecimal.valueOf(most)) <= 0)
                .map(BigDecimal::intValueExact);
    }

    @Override
    public Object plain(Integer value) {
        return value;
    }

    @Override
    public String allowed() {
        return "a whole number from " + least + " to " + most;
    }
}
