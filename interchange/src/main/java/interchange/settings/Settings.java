package interchange.settings;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Values by key, each of its key's type. Equal when all values are, so that content is identity. */
public final class Settings {
    /** By name: what {@link ValueType#read} gave. Sorted, so that equal settings have equal text. */
    private final SortedMap<String, Entry<?>> entries;

    private Settings(SortedMap<String, Entry<?>> entries) {
        this.entries = entries;
    }

    public static Settings empty() {
        return new Settings(new TreeMap<>());
    }

    public <T> Settings with(Key<T> key, T value) {
        TreeMap<String, Entry<?>> copy = new TreeMap<>(entries);
        copy.put(key.name(), new Entry<>(key, value));
        return new Settings(copy);
    }

    public Settings without(Key<?> key) {
        TreeMap<String, Entry<?>> copy = new TreeMap<>(entries);
        copy.remove(key.name());
        return new Settings(copy);
    }

    /** These, and those of the other that are not among them. */
    public Settings over(Settings other) {
        TreeMap<String, Entry<?>> both = new TreeMap<>(other.entries);
        both.putAll(entries);
        return new Settings(both);
    }

    public boolean has(Key<?> key) {
        return entries.containsKey(key.name());
    }

    /** The value that was given, or the key's standard one. */
    @SuppressWarnings("unchecked") // with() is the only way in
    public <T> Optional<T> find(Key<T> key) {
        Entry<?> entry = entries.get(key.name());
        return entry == null ? key.standard() : Optional.of((T) entry.value);
    }

    public <T> T get(Key<T> key) {
        return find(key).orElseThrow(() -> new IllegalStateException("no value for the key " + key.name()));
    }

    /** What was given, as text, numbers, Booleans, lists and maps, sorted by key. */
    public Map<String, Object> plain() {
        Map<String, Object> plain = new LinkedHashMap<>();
        entries.forEach((name, entry) -> plain.put(name, entry.plain()));
        return plain;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings that && plain().equals(that.plain());
    }

    @Override
    public int hashCode() {
        return plain().hashCode();
    }

    @Override
    public String toString() {
        return plain().toString();
    }

    private record Entry<T>(Key<T> key, T value) {
        Object plain() {
            return key.type().plain(value);
        }
    }
}
