package interchange.daemon;

import com.google.protobuf.Struct;
import interchange.core.Event;
import interchange.journal.Write;
import interchange.proto.control.Error;
import interchange.settings.InvalidSettingsException;
import interchange.site.ExportRule;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.site.SitesFile;
import interchange.workflow.SiteResolver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The sites that one submission may name: its own sections, then those of {@code sites.yaml}. Loader thread.
 *
 * <p>Sites that are new become known to others only by {@link #adopt}.
 */
final class RunSites implements SiteResolver {
    private final Sites sites;
    private final Map<String, SiteConfig> configs;
    private final List<Sites.Entry> proposed = new ArrayList<>();
    private final Set<SiteConfig> used = new LinkedHashSet<>();

    private RunSites(Sites sites, Map<String, SiteConfig> configs) {
        this.sites = sites;
        this.configs = Map.copyOf(configs);
    }

    /** Reads every section; all their problems are said at once. */
    static RunSites read(Sites sites, Map<String, Struct> sections, Home home, NodeCapacity machine)
            throws RequestException {
        List<String> problems = new ArrayList<>();
        Map<String, SiteConfig> configs = new HashMap<>();
        try {
            configs.putAll(SitesFile.read(home.directory(), machine));
        } catch (InvalidSettingsException e) {
            problems.addAll(e.problems());
        }
        sections.forEach((name, section) -> {
            try {
                configs.put(name, SiteConfig.parse(name, section, machine));
            } catch (InvalidSettingsException e) {
                problems.addAll(e.problems());
            }
        });
        if (!problems.isEmpty()) {
            throw new RequestException(Error.Kind.USER, problems);
        }
        return new RunSites(sites, configs);
    }

    void require(String name) throws RequestException {
        if (!configs.containsKey(name)) {
            String known = configs.isEmpty() ? "none is known" : "known sites: " + String.join(", ", configs.keySet());
            throw new RequestException(
                    Error.Kind.USER,
                    "there is no site '" + name + "' (" + known
                            + "); describe it in the workflow, or in sites.yaml in the daemon's home");
        }
    }

    @Override
    public Optional<RunSite> find(String name) {
        return Optional.ofNullable(configs.get(name)).map(config -> {
            Sites.Entry entry = sites.entryFor(config, proposed);
            if (isNew(entry)) {
                proposed.add(entry);
            }
            used.add(entry.config());
            return new RunSite(entry.index(), entry.config());
        });
    }

    private boolean isNew(Sites.Entry entry) {
        return sites.named(entry.config().name()).isEmpty() && !proposed.contains(entry);
    }

    /** What the sites that jobs have named so far let through of the submitting shell. */
    ExportRule exportRule() {
        return ExportRule.strictest(
                used.stream().map(SiteConfig::exportEnvironment).toList());
    }

    List<Write> writes() {
        return proposed.stream()
                .<Write>map(entry -> new Write.SiteStored(
                        entry.index(), entry.config().name(), entry.config().toJson()))
                .toList();
    }

    List<Event> events() {
        return proposed.stream()
                .<Event>map(entry -> new Event.SiteAdded(entry.core()))
                .toList();
    }

    /** Before anything can be asked of them. */
    void adopt() {
        proposed.forEach(entry -> sites.add(entry.index(), entry.config()));
    }
}
