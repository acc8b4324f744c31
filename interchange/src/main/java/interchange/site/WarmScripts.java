package interchange.site;

import interchange.settings.TextList;
import interchange.settings.ValueType;
import java.util.List;
import java.util.Optional;

/** Names of console scripts, or {@code off}; none is off as well. */
record WarmScripts() implements ValueType<List<String>> {
    private static final String OFF = "off";
    private static final TextList NAMES = new TextList("names of console scripts");

    @Override
    public Optional<List<String>> read(Object value) {
        // YAML takes a bare off for false.
        if (value.equals(false) || value.equals(OFF)) {
            return Optional.of(List.of());
        }
        return NAMES.read(value)
                .filter(names ->
                        names.stream().allMatch(name -> name.matches("[A-Za-z0-9_.+-]+") && !name.equals(OFF)));
    }

    @Override
    public Object plain(List<String> value) {
        return value.isEmpty() ? OFF : value;
    }

    @Override
    public String allowed() {
        return OFF + ", or " + NAMES.allowed() + ", without directories";
    }
}
