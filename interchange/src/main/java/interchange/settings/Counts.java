package interchange.settings;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Whole numbers by name, each at least one. */
public record Counts(int most) implements ValueType<Map<String, Integer>> {
    /** As in a job's concurrency limit. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");

    @Override
    public Optional<Map<String, Integer>> read(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return Optional.empty();
        }
        WholeNumber count = WholeNumber.between(1, most);
        Map<String, Integer> counts = new TreeMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Optional<Integer> number =
                    Optional.<Object>ofNullable(entry.getValue()).flatMap(count::read);
            String name = String.valueOf(entry.getKey());
            if (number.isEmpty() || !NAME.matcher(name).matches()) {
                return Optional.empty();
            }
            counts.put(name, number.get());
        }
        return Optional.of(Collections.unmodifiableMap(counts));
    }

    @Override
    public Object plain(Map<String, Integer> value) {
        return value;
    }

    @Override
    public String allowed() {
        return "a section of names with whole numbers from 1 to " + most + ", such as {db_limit: 10}";
    }
}
