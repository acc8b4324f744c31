package interchange.site;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.settings.YamlFile;
import interchange.site.parsl.ParslSites;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every YAML of docs/sites.md is a site that may be used as it stands there. */
class ManualExamplesTest {
    private static final Pattern EXAMPLE = Pattern.compile("```yaml\n# (bps|sites)\\.yaml\n(.*?)```\n", Pattern.DOTALL);
    private static final Circumstances IN_AN_ALLOCATION =
            new Circumstances(new NodeCapacity(8, 16_000), "x86_64", "77");

    @TempDir
    private Path directory = Path.of("");

    private record Example(String kind, Map<String, Object> content) {
        Map<?, ?> sections() {
            return kind.equals("bps") && content.get("site") instanceof Map<?, ?> site ? site : content;
        }

        Map<String, SitePools> sites() throws Exception {
            Map<String, SitePools> sites = new LinkedHashMap<>();
            for (Map.Entry<?, ?> section : sections().entrySet()) {
                String name = String.valueOf(section.getKey());
                Map<String, Object> keys = YamlFile.named((Map<?, ?>) section.getValue());
                sites.put(name, SiteReader.read(name, keys, IN_AN_ALLOCATION));
            }
            return sites;
        }
    }

    private List<Example> examples() throws Exception {
        List<Example> examples = new ArrayList<>();
        Matcher found = EXAMPLE.matcher(SiteManual.text());
        while (found.find()) {
            Path file = Files.writeString(directory.resolve("example.yaml"), found.group(2));
            examples.add(new Example(found.group(1), YamlFile.read(file)));
        }
        return examples;
    }

    @Test
    void everyYamlOfThePageIsAnExample() throws Exception {
        assertThat(examples()).hasSize(SiteManual.text().split("```yaml", -1).length - 1);
    }

    @Test
    void everyExampleIsASiteWithoutWarnings() throws Exception {
        for (Example example : examples()) {
            Map<String, SitePools> sites = example.sites();
            assertThat(sites).isNotEmpty();
            assertThat(sites.values())
                    .allSatisfy(site -> assertThat(site.warnings()).isEmpty());
            if (example.kind.equals("bps")) {
                assertThat(sites).containsKey(String.valueOf(example.content.get("computeSite")));
            }
        }
    }

    @Test
    void everyProviderAndClassHasAnExample() throws Exception {
        List<String> providers = new ArrayList<>();
        List<String> classes = new ArrayList<>();
        for (Example example : examples()) {
            for (SitePools site : example.sites().values()) {
                providers.add(site.smallestFirst().getFirst().provider());
            }
            for (Object section : example.sections().values()) {
                classes.add(section instanceof Map<?, ?> keys ? String.valueOf(keys.get("class")) : "");
            }
        }
        assertThat(providers).contains("local", "slurm", "pbs", "lsf", "srun");
        assertThat(ParslSites.shortNames())
                .allSatisfy(name -> assertThat(classes)
                        .anySatisfy(named -> assertThat(named).endsWith("." + name)));
    }
}
