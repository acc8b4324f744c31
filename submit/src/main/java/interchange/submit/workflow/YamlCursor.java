package interchange.submit.workflow;

import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;

/**
 * Walks over a YAML text event by event, so that a file may be larger than memory. Whatever is not as asked becomes a
 * problem with its line, and is stepped over.
 */
final class YamlCursor {
    private final Iterator<Event> events;
    private final Problems problems;
    private Optional<Event> ahead = Optional.empty();
    private int line = 1;

    /** Reads the value of one key. */
    interface Entry {
        void read(String key, int line);
    }

    YamlCursor(Reader text, Problems problems) {
        LoaderOptions options = new LoaderOptions();
        // The limit is against bombs in small files; nothing here grows with the file.
        options.setCodePointLimit(Integer.MAX_VALUE);
        this.events = new Yaml(options).parse(text).iterator();
        this.problems = problems;
    }

    Problems problems() {
        return problems;
    }

    /** Where the last event began. */
    int line() {
        return line;
    }

    Event peek() {
        if (ahead.isEmpty()) {
            ahead = Optional.of(read());
        }
        return ahead.get();
    }

    Event next() {
        Event event = peek();
        ahead = Optional.empty();
        line = line(event.getStartMark());
        return event;
    }

    private Event read() {
        try {
            return events.next();
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            throw problems.fatal(mark == null ? line : line(mark), "not YAML: " + e.getProblem() + context(e));
        } catch (YAMLException e) {
            throw problems.fatal(line, "not YAML: " + e.getMessage());
        }
    }

    private static String context(MarkedYAMLException e) {
        return e.getContext() == null || e.getContext().isEmpty() ? "" : " (" + e.getContext() + ")";
    }

    private static int line(Mark mark) {
        return mark.getLine() + 1;
    }

    /** Steps over the next node, whatever it is. */
    void skip() {
        int depth = 0;
        do {
            Event event = next();
            depth += event instanceof CollectionStartEvent ? 1 : 0;
            depth -= event instanceof CollectionEndEvent ? 1 : 0;
        } while (depth > 0);
    }

    /** Reads a mapping; each key once. */
    void mapping(String what, Entry entry) {
        if (!(peek() instanceof MappingStartEvent)) {
            wrong(what + " must be a mapping of keys to values");
            return;
        }
        next();
        Map<String, Integer> seen = new HashMap<>();
        while (!(peek() instanceof CollectionEndEvent)) {
            if (!(peek() instanceof ScalarEvent)) {
                wrong("a key of " + what + " must be a word");
                skip();
                continue;
            }
            String key = ((ScalarEvent) next()).getValue();
            int keyLine = line;
            Integer before = seen.putIfAbsent(key, keyLine);
            if (before != null) {
                problems.add(keyLine, "'" + key + "' is given twice in " + what + ", first in line " + before);
                skip();
            } else {
                entry.read(key, keyLine);
            }
        }
        next();
    }

    /** Reads a sequence. */
    void sequence(String what, Runnable item) {
        if (!(peek() instanceof SequenceStartEvent)) {
            wrong(what + " must be a list");
            return;
        }
        next();
        while (!(peek() instanceof CollectionEndEvent)) {
            item.run();
        }
        next();
    }

    /** Reads one word or text, as written. */
    Optional<String> text(String what) {
        if (!(peek() instanceof ScalarEvent)) {
            wrong(what + " must be a single value");
            return Optional.empty();
        }
        ScalarEvent scalar = (ScalarEvent) next();
        if (scalar.isPlain() && PlainScalar.isNull(scalar.getValue())) {
            problems.add(line, what + " has no value");
            return Optional.empty();
        }
        return Optional.of(scalar.getValue());
    }

    /** Reads a list of texts, or one alone. */
    List<String> texts(String what) {
        List<String> texts = new ArrayList<>();
        if (peek() instanceof ScalarEvent) {
            text(what).ifPresent(texts::add);
        } else {
            sequence(what, () -> text("an item of " + what).ifPresent(texts::add));
        }
        return texts;
    }

    private void wrong(String text) {
        boolean alias = peek() instanceof AliasEvent;
        problems.add(
                line(peek().getStartMark()),
                alias ? "aliases (*name) are not read here: write it out, or use 'defaults'" : text);
        skip();
    }
}
