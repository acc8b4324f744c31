package interchange.settings;

import java.util.List;
import java.util.Optional;

/**
 * Lines for the head of a block's script, as text or a list. Each begins with {@code #}: batch systems stop to look for
 * theirs at the first that does not, and the shell would run it.
 */
public record DirectiveLines() implements ValueType<String> {
    @Override
    public Optional<String> read(Object value) {
        Optional<String> text = value instanceof List<?>
                ? new TextList("lines").read(value).map(lines -> String.join("\n", lines))
                : Text.lines().read(value).map(String::stripTrailing);
        return text.filter(some -> some.lines().allMatch(line -> line.isBlank() || line.startsWith("#")));
    }

    @Override
    public Object plain(String value) {
        return value;
    }

    @Override
    public String allowed() {
        return "lines that begin with #, such as \"#SBATCH --licenses=sps\"";
    }
}
