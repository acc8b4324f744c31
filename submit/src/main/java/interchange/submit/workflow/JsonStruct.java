package interchange.submit.workflow;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import interchange.proto.control.CheckRequest;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the few JSON texts that we are given; protobuf's own reader would take longer to start than to read. */
public final class JsonStruct {
    private JsonStruct() {}

    public static CheckRequest checkRequest(Reader text) throws IOException {
        CheckRequest.Builder request = CheckRequest.newBuilder();
        JsonReader json = new JsonReader(text);
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "site" -> request.setSite(json.nextString());
                case "sites" -> request.putAllSites(sites(json));
                case "names" -> request.addAllNames(texts(json));
                default -> json.skipValue();
            }
        }
        json.endObject();
        return request.build();
    }

    private static List<String> texts(JsonReader json) throws IOException {
        List<String> texts = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            texts.add(json.nextString());
        }
        json.endArray();
        return texts;
    }

    /** Name to section. */
    static Map<String, Struct> sites(JsonReader json) throws IOException {
        Map<String, Struct> sites = new LinkedHashMap<>();
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            sites.put(name, struct(json));
        }
        json.endObject();
        return sites;
    }

    static Struct struct(JsonReader json) throws IOException {
        Struct.Builder struct = Struct.newBuilder();
        json.beginObject();
        while (json.hasNext()) {
            String name = json.nextName();
            struct.putFields(name, value(json));
        }
        json.endObject();
        return struct.build();
    }

    private static Value value(JsonReader json) throws IOException {
        JsonToken next = json.peek();
        return switch (next) {
            case BEGIN_OBJECT -> Value.newBuilder().setStructValue(struct(json)).build();
            case BEGIN_ARRAY -> Value.newBuilder().setListValue(list(json)).build();
            case STRING -> Value.newBuilder().setStringValue(json.nextString()).build();
            case NUMBER -> Value.newBuilder().setNumberValue(json.nextDouble()).build();
            case BOOLEAN -> Value.newBuilder().setBoolValue(json.nextBoolean()).build();
            case NULL -> {
                json.nextNull();
                yield Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
            }
            case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT -> throw new IOException("unexpected " + next);
        };
    }

    private static ListValue list(JsonReader json) throws IOException {
        ListValue.Builder list = ListValue.newBuilder();
        json.beginArray();
        while (json.hasNext()) {
            list.addValues(value(json));
        }
        json.endArray();
        return list.build();
    }
}
