package interchange.submit.workflow;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import interchange.submit.CommandException;
import java.io.Reader;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.events.StreamEndEvent;

/** Reads YAML whose keys are somebody else's business, such as a site. */
final class YamlStruct {
    /** Sections in sections; a site has two. */
    private static final int DEPTH_MAX = 20;

    private YamlStruct() {}

    /** A whole file that is one mapping; empty when there is nothing in it. */
    static Struct read(String file, Reader text) throws CommandException {
        Problems problems = new Problems(file);
        Struct read = Struct.getDefaultInstance();
        try {
            YamlCursor cursor = new YamlCursor(text, problems);
            cursor.next();
            if (cursor.next() instanceof DocumentStartEvent) {
                read = struct(cursor, "the file");
            }
        } catch (Problems.StopReading stop) {
            // Said by throwIfAny.
        }
        problems.throwIfAny();
        return read;
    }

    static Struct struct(YamlCursor cursor, String what) {
        return struct(cursor, what, 0);
    }

    private static Struct struct(YamlCursor cursor, String what, int depth) {
        Struct.Builder struct = Struct.newBuilder();
        cursor.mapping(what, (key, line) -> struct.putFields(key, value(cursor, "'" + key + "'", depth + 1)));
        return struct.build();
    }

    private static Value value(YamlCursor cursor, String what, int depth) {
        if (depth > DEPTH_MAX) {
            throw cursor.problems().fatal(cursor.line(), what + " is more than " + DEPTH_MAX + " levels deep");
        }
        return switch (cursor.peek()) {
            case MappingStartEvent mapping ->
                Value.newBuilder().setStructValue(struct(cursor, what, depth)).build();
            case SequenceStartEvent sequence ->
                Value.newBuilder().setListValue(list(cursor, what, depth)).build();
            case ScalarEvent scalar -> {
                cursor.next();
                yield scalar.isPlain()
                        ? PlainScalar.value(scalar.getValue())
                        : Value.newBuilder().setStringValue(scalar.getValue()).build();
            }
            case StreamEndEvent end -> Value.getDefaultInstance();
            default -> {
                // An alias: said and stepped over by whoever asks for a value.
                cursor.text(what);
                yield Value.getDefaultInstance();
            }
        };
    }

    private static ListValue list(YamlCursor cursor, String what, int depth) {
        ListValue.Builder list = ListValue.newBuilder();
        cursor.sequence(what, () -> list.addValues(value(cursor, what, depth + 1)));
        return list.build();
    }
}
