package interchange.site;

import interchange.settings.ValueType;
import interchange.settings.YamlFile;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Sections of keys by the names of pools, which become parts of sites' names. */
record PoolSections() implements ValueType<Map<String, Map<String, Object>>> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,31}");

    @Override
    public Optional<Map<String, Map<String, Object>>> read(Object value) {
        if (!(value instanceof Map<?, ?> map) || map.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Map<String, Object>> pools = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String name = String.valueOf(entry.getKey());
            Object section = entry.getValue() == null ? Map.of() : entry.getValue();
            if (!NAME.matcher(name).matches() || !(section instanceof Map<?, ?> keys)) {
                return Optional.empty();
            }
            pools.put(name, YamlFile.named(keys));
        }
        return Optional.of(pools);
    }

    @Override
    public Object plain(Map<String, Map<String, Object>> value) {
        return value;
    }

    @Override
    public String allowed() {
        return "sections by name (letters, digits, _ and -), such as {small: {memory: 4096}, large: {memory: 65536}}";
    }
}
