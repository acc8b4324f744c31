package interchange.journal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Lists as JSON arrays, which people can take apart with SQL; only what this package wrote itself is read. */
final class JsonText {
    private static final int[] NONE = {};

    private JsonText() {}

    static String ofNumbers(Collection<Integer> numbers) {
        StringBuilder text = new StringBuilder(2 + 6 * numbers.size()).append('[');
        for (int number : numbers) {
            if (text.length() > 1) {
                text.append(',');
            }
            text.append(number);
        }
        return text.append(']').toString();
    }

    static int[] numbers(String text) {
        if (text.equals("[]")) {
            return NONE;
        }
        expect(text.length() > 2 && text.charAt(0) == '[' && text.charAt(text.length() - 1) == ']', text);
        int commas = 0;
        for (int i = 1; i < text.length(); i++) {
            commas += text.charAt(i) == ',' ? 1 : 0;
        }
        int[] numbers = new int[commas + 1];
        int from = 1;
        for (int i = 0; i < numbers.length; i++) {
            int to = text.indexOf(i < commas ? ',' : ']', from);
            numbers[i] = Integer.parseInt(text, from, to, 10);
            from = to + 1;
        }
        return numbers;
    }

    static String ofStrings(List<String> strings) {
        StringBuilder text = new StringBuilder().append('[');
        for (String string : strings) {
            if (text.length() > 1) {
                text.append(',');
            }
            quote(string, text);
        }
        return text.append(']').toString();
    }

    static List<String> strings(String text) {
        List<String> strings = new ArrayList<>();
        expect(text.length() >= 2 && text.charAt(0) == '[', text);
        int at = 1;
        StringBuilder string = new StringBuilder();
        while (text.charAt(at) != ']') {
            if (text.charAt(at) == ',') {
                at++;
            }
            string.setLength(0);
            at = unquote(text, at, string);
            strings.add(string.toString());
            expect(at < text.length(), text);
        }
        return strings;
    }

    private static void quote(String string, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    /** Returns the place behind the closing quote. */
    private static int unquote(String text, int start, StringBuilder string) {
        expect(text.charAt(start) == '"', text);
        int at = start + 1;
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                string.append(c);
            } else if (text.charAt(at) == 'u') {
                string.append((char) Integer.parseInt(text, at + 1, at + 5, 16));
                at += 5;
            } else {
                string.append(text.charAt(at++));
            }
        }
        return at + 1;
    }

    private static void expect(boolean condition, String text) {
        if (!condition) {
            throw new IllegalStateException("not an array as the journal writes them: " + text);
        }
    }
}
