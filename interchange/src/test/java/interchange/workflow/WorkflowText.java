package interchange.workflow;

import interchange.settings.InvalidSettingsException;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.workflow.SiteResolver.RunSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A workflow file in the making, and the sites it may name. */
final class WorkflowText {
    static final String HEADER = """
            {"header":{"format":1,"submission":"s-1","name":"w","submitDirectory":"/tmp/w","site":"here","labels":["first"]}}""";

    private final List<String> lines = new ArrayList<>(List.of(HEADER));
    private int jobs;

    WorkflowText header(String line) {
        lines.set(0, line);
        return this;
    }

    /** Adds a job; single quotes stand for double ones. */
    WorkflowText job(String fields) {
        jobs++;
        return line("{'job':{" + fields + "}}");
    }

    /** Adds a job that runs `true`. */
    WorkflowText trivial(String name, String... needs) {
        return job("'name':'" + name + "','label':'first','argv':['true'],'needs':["
                + String.join(
                        ",",
                        List.of(needs).stream().map(need -> "'" + need + "'").toList()) + "]");
    }

    WorkflowText line(String text) {
        lines.add(text.replace('\'', '"'));
        return this;
    }

    WorkflowText trailer() {
        return line("{'trailer':{'jobs':'" + jobs + "'}}");
    }

    Path write(Path directory) throws IOException {
        return Files.writeString(directory.resolve("workflow.jsonl"), String.join("\n", lines) + "\n");
    }

    /** Sites by name, numbered from 1 in the order given. */
    static SiteResolver sites(SiteConfig... configs) {
        Map<String, RunSite> sites = new HashMap<>();
        for (SiteConfig config : configs) {
            sites.put(config.name(), new RunSite(sites.size() + 1, config));
        }
        return name -> Optional.ofNullable(sites.get(name)).stream().toList();
    }

    /** A local site of 2 cores and 4096 MiB; more keys as pairs. */
    static SiteConfig site(String name, Object... more) throws InvalidSettingsException {
        Map<String, Object> section = new HashMap<>(Map.of("provider", "local", "cores", 2, "memory", 4096));
        for (int i = 0; i < more.length; i += 2) {
            section.put((String) more[i], more[i + 1]);
        }
        return SiteConfig.parse(name, section, new NodeCapacity(2, 8000));
    }
}
