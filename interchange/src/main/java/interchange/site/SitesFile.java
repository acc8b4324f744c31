package interchange.site;

import interchange.settings.InvalidSettingsException;
import interchange.settings.YamlFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The daemon's own sites: {@code sites.yaml} in its home, a section for each by name. */
public final class SitesFile {
    public static final String FILE = "sites.yaml";

    private SitesFile() {}

    /** Reads it anew, so that a change holds for the next submission; empty when there is none. */
    public static Map<String, SitePools> read(Path home, Circumstances circumstances) throws InvalidSettingsException {
        Path file = home.resolve(FILE);
        Map<String, SitePools> sites = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Map.Entry<String, Object> entry : YamlFile.read(file).entrySet()) {
            if (!(entry.getValue() instanceof Map<?, ?> section)) {
                problems.add(file + ": site '" + entry.getKey() + "' must be a section of keys and values");
                continue;
            }
            try {
                sites.put(entry.getKey(), SiteReader.read(entry.getKey(), YamlFile.named(section), circumstances));
            } catch (InvalidSettingsException e) {
                e.problems().forEach(problem -> problems.add(file + ": " + problem));
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return sites;
    }
}
