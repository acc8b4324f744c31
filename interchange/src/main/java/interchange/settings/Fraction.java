package interchange.settings;

import interchange.shared.Numbers;
import java.math.BigDecimal;
import java.util.Optional;

/** A number above 0, at most 1. */
public record Fraction() implements ValueType<Double> {
    @Override
    public Optional<Double> read(Object value) {
        return Numbers.read(value)
                .filter(number -> number.signum() > 0 && number.compareTo(BigDecimal.ONE) <= 0)
                .map(BigDecimal::doubleValue);
    }

    @Override
    public Object plain(Double value) {
        return value;
    }

    @Override
    public String allowed() {
        return "a number above 0, at most 1";
    }
}
