package interchange.daemon;

import interchange.core.Recovered;
import interchange.journal.EnvironmentFiles;
import interchange.journal.Journal;
import interchange.journal.JournalBlockedException;
import interchange.journal.SqliteJournal;
import interchange.provider.LocalProvider;
import interchange.provider.LsfProvider;
import interchange.provider.PbsProvider;
import interchange.provider.Provider;
import interchange.provider.SlurmProvider;
import interchange.provider.SrunProvider;
import interchange.settings.InvalidSettingsException;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a daemon finds in its directory: everything that is durable. */
record Stored(Journal journal, EnvironmentFiles environments, Sites sites, Recovered recovered) {
    private static final Logger LOG = LoggerFactory.getLogger(Stored.class);

    /** @param environment the daemon's own, of which batch systems see a part */
    static Stored open(Home home, Map<String, String> environment, NodeCapacity capacity, Undo undo)
            throws IOException, JournalBlockedException {
        EnvironmentFiles environments = new EnvironmentFiles(home.environments());
        Journal journal = SqliteJournal.open(home.journal(), environments);
        undo.add(journal::close);
        Path script = LocalProvider.install(home.directory());
        Sites sites = new Sites(site -> provider(site, home, script, environment));
        Journal.Recovery recovery = journal.recover((index, settings) -> {
            sites.taken(index);
            return sites.add(index, config(index, settings, capacity)).core();
        });
        report(recovery);
        return new Stored(journal, environments, sites, recovery.recovered());
    }

    private static Provider provider(SiteConfig site, Home home, Path script, Map<String, String> environment) {
        LocalProvider local = new LocalProvider(script, home.blocks(), site.killGrace(), site.submitCommandTimeout());
        return switch (site.provider()) {
            case SiteConfig.LOCAL -> local;
            case SlurmProvider.NAME -> SlurmProvider.of(environment, site.submitCommandTimeout());
            case SrunProvider.NAME -> SrunProvider.of(local, environment);
            case PbsProvider.NAME -> new PbsProvider(site.submitCommandTimeout());
            case LsfProvider.NAME -> new LsfProvider(site.submitCommandTimeout());
            default ->
                throw new IllegalStateException("site '" + site.name() + "': no provider '" + site.provider() + "'");
        };
    }

    private static SiteConfig config(int index, String settings, NodeCapacity capacity) {
        try {
            return SiteConfig.fromJson(settings, capacity);
        } catch (InvalidSettingsException e) {
            throw new IllegalStateException("site " + index + ": " + String.join("; ", e.problems()), e);
        }
    }

    private static void report(Journal.Recovery recovery) {
        recovery.heldRuns().forEach(held -> LOG.error("Run {} is held: {}", held.run(), held.cause()));
        String goingOn = recovery.recovered().runs().stream()
                .map(run -> Integer.toString(run.graph().run()))
                .collect(Collectors.joining(", "));
        LOG.info("Runs that go on: {}.", goingOn.isEmpty() ? "none" : goingOn);
    }
}
