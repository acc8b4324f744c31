package interchange.submit.workflow;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Finds out what a site says under {@code exportEnvironment}; whether it may say so is the daemon's to check. */
public final class ExportRules {
    private static final String KEY = "exportEnvironment";

    private final Path sitesFile;

    /**
     * @param sitesFile the daemon's sites by name, for workflows that don't bring their own
     */
    public ExportRules(Path sitesFile) {
        this.sitesFile = sitesFile;
    }

    /** The rule of a workflow's site. */
    public EnvironmentFilter of(String site, Map<String, Struct> sites) throws CommandException {
        Struct section = sites.get(site);
        if (section != null) {
            return of(section.getFieldsMap().get(KEY));
        }
        return of(ownSection(site).getFieldsMap().get(KEY));
    }

    /** The rule in the daemon's words: true, false, or names separated by commas. */
    public static EnvironmentFilter of(String rule) {
        return switch (rule) {
            case "", "true" -> new EnvironmentFilter.Usual();
            case "false" -> new EnvironmentFilter.Nothing();
            default -> new EnvironmentFilter.Listed(Arrays.asList(rule.split(",")));
        };
    }

    private static EnvironmentFilter of(@org.jspecify.annotations.Nullable Value rule) {
        if (rule == null) {
            return new EnvironmentFilter.Usual();
        }
        return switch (rule.getKindCase()) {
            case BOOL_VALUE -> of(String.valueOf(rule.getBoolValue()));
            case STRING_VALUE -> of(rule.getStringValue().strip());
            case LIST_VALUE -> new EnvironmentFilter.Listed(texts(rule.getListValue()));
            case NUMBER_VALUE, STRUCT_VALUE, NULL_VALUE, KIND_NOT_SET -> new EnvironmentFilter.Usual();
        };
    }

    private static List<String> texts(ListValue list) {
        return list.getValuesList().stream().map(Value::getStringValue).toList();
    }

    private Struct ownSection(String site) throws CommandException {
        if (site.isEmpty() || !Files.exists(sitesFile)) {
            return Struct.getDefaultInstance();
        }
        try (Reader text = Files.newBufferedReader(sitesFile)) {
            Struct sites = YamlStruct.read(sitesFile.toString(), text);
            return sites.getFieldsOrDefault(site, Value.getDefaultInstance()).getStructValue();
        } catch (IOException e) {
            throw new CommandException(Kind.USER, sitesFile + " can't be read: " + e);
        }
    }
}
