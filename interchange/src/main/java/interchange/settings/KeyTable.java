package interchange.settings;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All keys of one kind of section: reads such a section, and writes the table of the manual. */
public record KeyTable(List<Key<?>> keys) {
    public KeyTable {
        keys = List.copyOf(keys);
    }

    /**
     * Reads a section.
     *
     * @param subject what the section is, such as {@code site 'here'}; every problem begins with it
     * @param problems what is wrong is added here
     * @return the values that are right
     */
    public Settings read(String subject, Map<String, ?> section, List<String> problems) {
        Settings settings = Settings.empty();
        for (Map.Entry<String, ?> given : section.entrySet()) {
            Optional<Key<?>> key = find(given.getKey());
            if (key.isEmpty()) {
                problems.add(subject + ": there is no key '" + given.getKey() + "'" + suggestion(given.getKey()));
            } else if (given.getValue() != null) { // a key without a value is as if left out
                settings = readOne(subject, key.get(), given.getValue(), settings, problems);
            }
        }
        return settings;
    }

    private static <T> Settings readOne(
            String subject, Key<T> key, Object value, Settings settings, List<String> problems) {
        Optional<T> read = key.type().read(value);
        if (read.isEmpty()) {
            problems.add(subject + ": " + key.name() + " is " + Words.shown(value) + "; allowed: "
                    + key.type().allowed());
            return settings;
        }
        return settings.with(key, read.get());
    }

    public Optional<Key<?>> find(String name) {
        for (Key<?> key : keys) {
            if (key.name().equals(name)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** Every key with the value that holds, as {@link Settings#plain}; those that have none are left out. */
    public Map<String, Object> resolved(Settings settings) {
        Map<String, Object> plain = new LinkedHashMap<>();
        keys.forEach(key -> putResolved(key, settings, plain));
        return plain;
    }

    private static <T> void putResolved(Key<T> key, Settings settings, Map<String, Object> plain) {
        settings.find(key).ifPresent(value -> plain.put(key.name(), key.type().plain(value)));
    }

    private String suggestion(String name) {
        return NearMiss.of(name, keys.stream().map(Key::name).toList())
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("");
    }

    /** The table for the manual. */
    public String markdown() {
        List<String> lines = new ArrayList<>();
        lines.add("| key | value | unit | default | meaning |");
        lines.add("|---|---|---|---|---|");
        for (Key<?> key : keys) {
            lines.add("| `" + key.name() + "` | " + cell(key.type().allowed()) + " | "
                    + cell(key.type().unit()) + " | " + cell(key.standardText()) + " | " + cell(key.meaning()) + " |");
        }
        return String.join("\n", lines) + "\n";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
