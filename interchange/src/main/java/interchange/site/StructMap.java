package interchange.site;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A section that came in a message, as plain text, numbers, Booleans, lists and maps. */
final class StructMap {
    private StructMap() {}

    static Map<String, Object> of(Struct struct) {
        Map<String, Object> section = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((name, value) -> {
            Object plain = plain(value);
            if (plain != null) {
                section.put(name, plain);
            }
        });
        return section;
    }

    private static @Nullable Object plain(Value value) {
        return switch (value.getKindCase()) {
            case NULL_VALUE, KIND_NOT_SET -> null;
            case NUMBER_VALUE -> value.getNumberValue();
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> value.getBoolValue();
            case STRUCT_VALUE -> of(value.getStructValue());
            case LIST_VALUE ->
                value.getListValue().getValuesList().stream()
                        .map(StructMap::plain)
                        .filter(java.util.Objects::nonNull)
                        .toList();
        };
    }

    /** What {@link #of} reads. */
    static Struct from(Map<?, ?> section) {
        Struct.Builder struct = Struct.newBuilder();
        section.forEach((name, value) -> struct.putFields(String.valueOf(name), value(value)));
        return struct.build();
    }

    private static Value value(Object plain) {
        Value.Builder value = Value.newBuilder();
        return switch (plain) {
            case Number number -> value.setNumberValue(number.doubleValue()).build();
            case Boolean truth -> value.setBoolValue(truth).build();
            case Map<?, ?> map -> value.setStructValue(from(map)).build();
            case List<?> list ->
                value.setListValue(ListValue.newBuilder()
                                .addAllValues(
                                        list.stream().map(StructMap::value).toList()))
                        .build();
            default -> value.setStringValue(String.valueOf(plain)).build();
        };
    }
}
