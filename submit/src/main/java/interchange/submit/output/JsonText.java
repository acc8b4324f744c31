package interchange.submit.output;

import com.google.gson.stream.JsonWriter;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Map;

/**
 * Messages as JSON, by the protobuf mapping with one difference: 64-bit numbers are numbers, not strings, since scripts
 * calculate with them. protobuf's own JsonFormat does the opposite, and costs a quarter of our time to start.
 */
public final class JsonText {
    /** Whether fields that have their default value are written. */
    public enum Defaults {
        /** For answers: a script finds every field; what is not set is null. */
        SHOWN,
        /** For workflow files of a million lines. */
        OMITTED
    }

    private JsonText() {}

    public static String of(MessageOrBuilder message, Defaults defaults) {
        return text(json -> write(json, message, defaults));
    }

    /** Writes a part of a document. */
    interface Part {
        void writeTo(JsonWriter json) throws IOException;
    }

    /** An object with these fields. */
    static String object(Part fields) {
        return text(json -> {
            json.beginObject();
            fields.writeTo(json);
            json.endObject();
        });
    }

    private static String text(Part document) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = writer(text)) {
            document.writeTo(json);
        } catch (IOException e) {
            throw new IllegalStateException("writing to a string failed", e);
        }
        return text.toString();
    }

    /** The field of an object that says why there is no answer, or no more of it. */
    public static void writeError(JsonWriter json, String kind, List<String> messages) throws IOException {
        json.name("error").beginObject();
        writeTexts(json.name("kind").value(kind), "messages", messages);
        json.endObject();
    }

    static void writeTexts(JsonWriter json, String name, List<String> texts) throws IOException {
        json.name(name).beginArray();
        for (String text : texts) {
            json.value(text);
        }
        json.endArray();
    }

    /** A writer that is strict, compact, and does not escape for HTML. */
    public static JsonWriter writer(Writer text) {
        JsonWriter json = new JsonWriter(text);
        json.setHtmlSafe(false);
        json.setSerializeNulls(true);
        return json;
    }

    public static void write(JsonWriter json, MessageOrBuilder message, Defaults defaults) throws IOException {
        // Not a switch over patterns: linking one costs 10 ms of a command's 250, and no cache keeps it.
        if (message instanceof Struct struct) {
            writeStruct(json, struct);
        } else if (message instanceof Value value) {
            writeValue(json, value);
        } else if (message instanceof ListValue list) {
            writeList(json, list);
        } else {
            writeFields(json, message, defaults);
        }
    }

    private static void writeFields(JsonWriter json, MessageOrBuilder message, Defaults defaults) throws IOException {
        json.beginObject();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            boolean set = field.isRepeated() ? message.getRepeatedFieldCount(field) > 0 : message.hasField(field);
            if (set || (defaults == Defaults.SHOWN && field.getRealContainingOneof() == null)) {
                json.name(field.getJsonName());
                writeField(json, message, field, set, defaults);
            }
        }
        json.endObject();
    }

    private static void writeField(
            JsonWriter json, MessageOrBuilder message, FieldDescriptor field, boolean set, Defaults defaults)
            throws IOException {
        if (field.isMapField()) {
            writeMap(json, (List<?>) message.getField(field), defaults);
        } else if (field.isRepeated()) {
            json.beginArray();
            for (Object element : (List<?>) message.getField(field)) {
                writeScalar(json, element, defaults);
            }
            json.endArray();
        } else if (!set && field.hasPresence()) {
            json.nullValue();
        } else {
            writeScalar(json, message.getField(field), defaults);
        }
    }

    private static void writeMap(JsonWriter json, List<?> entries, Defaults defaults) throws IOException {
        json.beginObject();
        for (Object entry : entries) {
            Message pair = (Message) entry;
            List<FieldDescriptor> fields = pair.getDescriptorForType().getFields();
            json.name(pair.getField(fields.get(0)).toString());
            writeScalar(json, pair.getField(fields.get(1)), defaults);
        }
        json.endObject();
    }

    @SuppressWarnings("IfChainToSwitch") // See write().
    private static void writeScalar(JsonWriter json, Object value, Defaults defaults) throws IOException {
        if (value instanceof MessageOrBuilder nested) {
            write(json, nested, defaults);
        } else if (value instanceof EnumValueDescriptor constant) {
            json.value(constant.getName());
        } else if (value instanceof Boolean truth) {
            json.value(truth);
        } else if (value instanceof Number number) {
            writeNumber(json, number.doubleValue(), number);
        } else if (value instanceof String text) {
            json.value(text);
        } else {
            throw new IllegalStateException("no JSON for " + value.getClass());
        }
    }

    private static void writeStruct(JsonWriter json, Struct struct) throws IOException {
        json.beginObject();
        for (Map.Entry<String, Value> entry : struct.getFieldsMap().entrySet()) {
            json.name(entry.getKey());
            writeValue(json, entry.getValue());
        }
        json.endObject();
    }

    private static void writeList(JsonWriter json, ListValue list) throws IOException {
        json.beginArray();
        for (Value value : list.getValuesList()) {
            writeValue(json, value);
        }
        json.endArray();
    }

    private static void writeValue(JsonWriter json, Value value) throws IOException {
        switch (value.getKindCase()) {
            case NUMBER_VALUE -> writeNumber(json, value.getNumberValue(), value.getNumberValue());
            case STRING_VALUE -> json.value(value.getStringValue());
            case BOOL_VALUE -> json.value(value.getBoolValue());
            case STRUCT_VALUE -> writeStruct(json, value.getStructValue());
            case LIST_VALUE -> writeList(json, value.getListValue());
            case NULL_VALUE, KIND_NOT_SET -> json.nullValue();
        }
    }

    /** Whole doubles without a fraction, as they were written; JSON has no infinity. */
    private static void writeNumber(JsonWriter json, double value, Number number) throws IOException {
        if (!Double.isFinite(value)) {
            json.nullValue();
        } else if (number instanceof Double && value == Math.rint(value) && Math.abs(value) < 1e15) {
            json.value((long) value);
        } else {
            json.value(number);
        }
    }
}
