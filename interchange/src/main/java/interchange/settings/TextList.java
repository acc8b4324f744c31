package interchange.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A list of texts; a single text is a list of one. */
public record TextList(String ofWhat) implements ValueType<List<String>> {
    @Override
    public Optional<List<String>> read(Object value) {
        List<String> texts = new ArrayList<>();
        for (Object element : value instanceof List<?> list ? list : List.of(value)) {
            Optional<String> text =
                    element == null ? Optional.empty() : Text.line().read(element);
            if (text.isEmpty() || text.get().isBlank()) {
                return Optional.empty();
            }
            texts.add(text.get().strip());
        }
        return Optional.of(List.copyOf(texts));
    }

    @Override
    public Object plain(List<String> value) {
        return value;
    }

    @Override
    public String allowed() {
        return "a list of " + ofWhat;
    }
}
