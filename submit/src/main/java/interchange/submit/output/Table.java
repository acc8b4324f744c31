package interchange.submit.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows under a heading, each column as wide as it needs; numbers stand to the right. */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> heading;
    private final List<List<String>> rows = new ArrayList<>();
    private final int[] widths;
    private final boolean[] texts;
    private boolean headed;

    public Table(String... heading) {
        this.heading = List.of(heading);
        this.widths = this.heading.stream().mapToInt(String::length).toArray();
        this.texts = new boolean[heading.length];
    }

    public Table row(Object... cells) {
        if (cells.length != widths.length) {
            throw new IllegalArgumentException(cells.length + " cells for " + widths.length + " columns");
        }
        List<String> row = Arrays.stream(cells).map(Object::toString).toList();
        for (int column = 0; column < widths.length; column++) {
            widths[column] = Math.max(widths[column], row.get(column).length());
            texts[column] |=
                    !(cells[column] instanceof Number) && !row.get(column).equals("-");
        }
        rows.add(row);
        return this;
    }

    /** Shows the rows so far and forgets them, so that a table may be longer than memory; the heading comes once. */
    public void print(Console console) {
        if (!headed) {
            console.line(format(heading));
            headed = true;
        }
        rows.forEach(row -> console.line(format(row)));
        rows.clear();
    }

    private String format(List<String> row) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < widths.length; column++) {
            String cell = row.get(column);
            String blanks = " ".repeat(widths[column] - cell.length());
            line.append(column == 0 ? "" : GAP).append(texts[column] ? cell + blanks : blanks + cell);
        }
        return line.toString().stripTrailing();
    }
}
