package interchange.daemon;

import com.google.protobuf.Struct;
import interchange.core.Event;
import interchange.journal.Write;
import interchange.proto.control.Error;
import interchange.settings.InvalidSettingsException;
import interchange.settings.NearMiss;
import interchange.site.Circumstances;
import interchange.site.ExportRule;
import interchange.site.SiteConfig;
import interchange.site.SitePools;
import interchange.site.SiteReader;
import interchange.site.SitesFile;
import interchange.workflow.SiteResolver;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The sites that one submission may name: its own sections, then those of {@code sites.yaml}. Loader thread.
 *
 * <p>Sites that are new become known to others only by {@link #adopt}.
 */
final class RunSites implements SiteResolver {
    private final Sites sites;
    private final Map<String, SitePools> configs;
    private final Set<String> warnings = new LinkedHashSet<>();
    private final List<Sites.Entry> proposed = new ArrayList<>();

    /** Known sites that go on in another allocation, by index. */
    private final Map<Integer, Sites.Entry> moved = new TreeMap<>();

    private final Set<SiteConfig> used = new LinkedHashSet<>();

    private RunSites(Sites sites, Map<String, SitePools> configs) {
        this.sites = sites;
        this.configs = new TreeMap<>(configs);
    }

    /** Reads every section; all their problems are said at once. */
    static RunSites read(Sites sites, Map<String, Struct> sections, Home home, Circumstances circumstances)
            throws RequestException {
        List<String> problems = new ArrayList<>();
        Map<String, SitePools> configs = new HashMap<>();
        try {
            configs.putAll(SitesFile.read(home.directory(), circumstances));
        } catch (InvalidSettingsException e) {
            problems.addAll(e.problems());
        }
        sections.forEach((name, section) -> {
            try {
                configs.put(name, SiteReader.read(name, section, circumstances));
            } catch (InvalidSettingsException e) {
                problems.addAll(e.problems());
            }
        });
        if (!problems.isEmpty()) {
            throw new RequestException(Error.Kind.USER, problems);
        }
        return new RunSites(sites, configs);
    }

    /** The sites behind these names, less those that can't be used, of which every problem is said at once. */
    List<SitePools> require(Collection<String> names) throws RequestException {
        List<String> problems = new ArrayList<>();
        List<SitePools> found = new ArrayList<>();
        for (String name : names) {
            SitePools pools = configs.get(name);
            if (pools == null) {
                String known =
                        configs.isEmpty() ? "none is known" : "known sites: " + String.join(", ", configs.keySet());
                String near = NearMiss.of(name, configs.keySet())
                        .map(some -> "; did you mean '" + some + "'?")
                        .orElse("");
                problems.add("there is no site '" + name + "' (" + known + near
                        + "); describe it in the workflow, or in sites.yaml in the daemon's home");
            } else {
                problems.addAll(unusable(pools));
                remember(pools);
                found.add(pools);
            }
        }
        if (!problems.isEmpty()) {
            throw new RequestException(Error.Kind.USER, problems);
        }
        return found;
    }

    @Override
    public List<RunSite> find(String name) throws InvalidSettingsException {
        SitePools pools = configs.get(name);
        if (pools == null) {
            return List.of();
        }
        List<String> problems = unusable(pools);
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        remember(pools);
        List<RunSite> found = new ArrayList<>();
        Optional<String> larger = Optional.empty();
        for (SiteConfig pool : pools.smallestFirst().reversed()) {
            SiteConfig config = larger.map(pool::below).orElse(pool);
            Sites.Entry entry = sites.entryFor(config, proposed);
            if (isNew(entry)) {
                proposed.add(entry);
            } else {
                sites.movedTo(config.allocation(), entry).ifPresent(other -> moved.put(other.index(), other));
            }
            used.add(entry.config());
            found.addFirst(new RunSite(entry.index(), entry.config()));
            larger = Optional.of(entry.config().name());
        }
        return found;
    }

    /** A site in a file may be one that only some submissions can use. */
    private static List<String> unusable(SitePools pools) {
        return pools.smallestFirst().stream()
                .filter(site -> site.provider().equals(SiteConfig.SRUN)
                        && site.allocation().isEmpty())
                .map(site -> "site '" + site.name() + "': allocation is missing; submit from within the Slurm job whose"
                        + " nodes are to be used (salloc, sbatch), or give its id")
                .toList();
    }

    private void remember(SitePools pools) {
        warnings.addAll(pools.warnings());
        for (SiteConfig site : pools.smallestFirst()) {
            List<String> unmatched = Interfaces.unmatched(site.addresses());
            if (!unmatched.isEmpty()) {
                warnings.add("site '" + pools.name() + "': address " + String.join(", ", unmatched)
                        + " is neither an interface of this host nor a name known here (interfaces: "
                        + String.join(", ", Interfaces.names())
                        + "), so it is as if left out");
            }
        }
    }

    /** What users of the sites asked for so far should know. */
    List<String> warnings() {
        return List.copyOf(warnings);
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
        return Stream.concat(proposed.stream(), moved.values().stream())
                .map(Sites.Entry::write)
                .toList();
    }

    /** One that was broken for the end of its allocation is whole in another. */
    List<Event> events() {
        return Stream.concat(
                        proposed.stream().<Event>map(entry -> new Event.SiteAdded(entry.core())),
                        moved.keySet().stream().<Event>map(Event.SiteResumed::new))
                .toList();
    }

    /** Before anything can be asked of them. */
    void adopt() {
        proposed.forEach(entry -> sites.add(entry.index(), entry.config()));
        moved.forEach((index, entry) -> sites.add(index, entry.config()));
    }
}
