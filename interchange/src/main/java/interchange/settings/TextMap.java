package interchange.settings;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Environment variables by name. */
public record TextMap() implements ValueType<Map<String, String>> {
    /** What a shell could set; stranger names come from slips. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    @Override
    public Optional<Map<String, String>> read(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return Optional.empty();
        }
        Map<String, String> texts = new TreeMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            Object element = entry.getValue();
            Optional<String> text = element == null ? Optional.of("") : Text.scalar(element);
            if (text.isEmpty() || !NAME.matcher(String.valueOf(entry.getKey())).matches()) {
                return Optional.empty();
            }
            texts.put(String.valueOf(entry.getKey()), text.get());
        }
        return Optional.of(Collections.unmodifiableMap(texts));
    }

    @Override
    public Object plain(Map<String, String> value) {
        return value;
    }

    @Override
    public String allowed() {
        return "a section of variable names with text, such as {OMP_NUM_THREADS: \"1\"}";
    }
}
