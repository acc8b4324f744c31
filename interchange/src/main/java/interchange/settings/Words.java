package interchange.settings;

import java.util.List;
import java.util.Map;

/** How values are quoted in messages. */
final class Words {
    /** What is longer is cut: a message is read on a terminal. */
    private static final int SHOWN_MAX = 80;

    private Words() {}

    static String shown(Object value) {
        return switch (value) {
            case String text -> '"' + cut(text) + '"';
            case List<?> list -> "a list " + cut(list.toString());
            case Map<?, ?> map -> "a section " + cut(map.toString());
            case Double number
            when number == Math.rint(number) && Math.abs(number) < 1e15 -> String.valueOf(number.longValue());
            default -> cut(String.valueOf(value));
        };
    }

    private static String cut(String text) {
        String line = text.replace("\n", "\\n");
        return line.length() <= SHOWN_MAX ? line : line.substring(0, SHOWN_MAX) + "...";
    }
}
