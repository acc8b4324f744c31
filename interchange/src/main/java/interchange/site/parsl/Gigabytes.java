package interchange.site.parsl;

import interchange.settings.ValueType;
import interchange.shared.Numbers;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;

/** Memory in GB as the Parsl plugin counts them, which are 1024 MiB; as MiB. */
record Gigabytes(boolean whole) implements ValueType<Integer> {
    private static final BigDecimal MIB = BigDecimal.valueOf(1024);

    @Override
    public Optional<Integer> read(Object value) {
        return Numbers.read(value)
                .filter(number -> !whole || number.stripTrailingZeros().scale() <= 0)
                .map(number -> number.multiply(MIB).setScale(0, RoundingMode.FLOOR))
                .filter(mib -> mib.signum() > 0 && mib.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) <= 0)
                .map(BigDecimal::intValueExact);
    }

    @Override
    public Object plain(Integer value) {
        return value / MIB.doubleValue();
    }

    @Override
    public String unit() {
        return "GB";
    }

    @Override
    public String allowed() {
        return whole ? "a whole number above 0" : "a number above 0";
    }
}
