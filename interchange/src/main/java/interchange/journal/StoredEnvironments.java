package interchange.journal;

import interchange.journal.EnvironmentFiles.Overlay;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the file of one run's environments says: counts and strings, each with its length before it.
 *
 * @param revision counts the replacements of the base
 */
record StoredEnvironments(int revision, Map<String, String> base, List<Overlay> overlays) {
    private static final int FORMAT = 1;

    StoredEnvironments {
        base = Map.copyOf(base);
        overlays = List.copyOf(overlays);
    }

    /** Without the content, which is secret. */
    @Override
    public String toString() {
        return "environments of revision " + revision;
    }

    byte[] toBytes() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(FORMAT);
            out.writeInt(revision);
            write(out, base);
            out.writeInt(overlays.size());
            for (Overlay overlay : overlays) {
                write(out, overlay.set());
                out.writeInt(overlay.unset().size());
                for (String name : overlay.unset()) {
                    write(out, name);
                }
            }
        }
        return bytes.toByteArray();
    }

    static StoredEnvironments parse(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readInt();
            if (format != FORMAT) {
                throw new IOException("environment file of format " + format + ", known is " + FORMAT);
            }
            int revision = in.readInt();
            Map<String, String> base = readMap(in);
            int count = in.readInt();
            List<Overlay> overlays = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                overlays.add(new Overlay(readMap(in), readSet(in)));
            }
            return new StoredEnvironments(revision, base, overlays);
        }
    }

    private static void write(DataOutputStream out, Map<String, String> map) throws IOException {
        out.writeInt(map.size());
        for (Map.Entry<String, String> entry : map.entrySet()) {
            write(out, entry.getKey());
            write(out, entry.getValue());
        }
    }

    private static void write(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static Map<String, String> readMap(DataInputStream in) throws IOException {
        int size = in.readInt();
        Map<String, String> map = new HashMap<>();
        for (int i = 0; i < size; i++) {
            String name = readText(in);
            map.put(name, readText(in));
        }
        return map;
    }

    private static Set<String> readSet(DataInputStream in) throws IOException {
        int size = in.readInt();
        Set<String> set = new HashSet<>();
        for (int i = 0; i < size; i++) {
            set.add(readText(in));
        }
        return set;
    }

    private static String readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("environment file is cut short");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
