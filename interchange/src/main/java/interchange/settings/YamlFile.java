package interchange.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** A settings file of the daemon's home: one YAML document that is a section. */
public final class YamlFile {
    /** A settings file is a page or two; more is another file by mistake. */
    private static final long BYTES_MAX = 4L << 20;

    private YamlFile() {}

    /** The section in a file; empty when there is no such file, or nothing in it. */
    public static Map<String, Object> read(Path file) throws InvalidSettingsException {
        String text;
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new InvalidSettingsException(List.of(file + ": is larger than " + BYTES_MAX + " bytes"));
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException none) {
            return Map.of();
        } catch (IOException e) {
            throw new InvalidSettingsException(List.of(file + ": can't be read: " + e));
        }
        return parse(file.toString(), text);
    }

    static Map<String, Object> parse(String file, String text) throws InvalidSettingsException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        Object document;
        try {
            document = new Yaml(new SafeConstructor(options)).load(text);
        } catch (MarkedYAMLException e) {
            String line =
                    e.getProblemMark() == null ? "" : ":" + (e.getProblemMark().getLine() + 1);
            throw new InvalidSettingsException(List.of(file + line + ": is not YAML: " + e.getProblem()));
        } catch (YAMLException e) {
            throw new InvalidSettingsException(List.of(file + ": is not YAML: " + e.getMessage()));
        }
        return switch (document) {
            case null -> Map.of();
            case Map<?, ?> map -> named(map);
            default ->
                throw new InvalidSettingsException(
                        List.of(file + ": must be a section of keys and values, but is " + Words.shown(document)));
        };
    }

    /** The section with names as text, whatever YAML made of them (a site may be called 3). */
    public static Map<String, Object> named(Map<?, ?> map) {
        Map<String, Object> section = new LinkedHashMap<>();
        map.forEach((name, value) -> section.put(String.valueOf(name), value));
        return section;
    }
}
