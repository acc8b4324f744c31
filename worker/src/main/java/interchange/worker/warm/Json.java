package interchange.worker.warm;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes the little JSON that templates are told, in ASCII; a library would cost more of a worker's start than it is. */
final class Json {
    private Json() {}

    static String text(String value) {
        var all = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                all.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                all.append("\\u").append(String.format("%04x", (int) c));
            } else {
                all.append(c);
            }
        }
        return all.append('"').toString();
    }

    static String list(Collection<String> values) {
        return values.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
    }

    static String map(Map<String, String> values) {
        return values.entrySet().stream()
                .map(entry -> text(entry.getKey()) + ":" + text(entry.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
