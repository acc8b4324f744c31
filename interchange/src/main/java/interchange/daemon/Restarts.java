package interchange.daemon;

import interchange.core.RunState;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JournalReader;
import interchange.journal.RunHeader;
import interchange.proto.control.Error;
import interchange.proto.control.RestartRequest;
import interchange.proto.control.RestartResponse;
import interchange.shared.Reasons;
import interchange.site.ExportRule;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets ended runs go on with what has not succeeded. Loader thread. */
final class Restarts {
    private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);

    private final RunLookup runs;
    private final Revival revival;
    private final JournalReader reader;
    private final Sites sites;
    private final EnvironmentFiles environments;

    Restarts(RunLookup runs, Revival revival, JournalReader reader, Sites sites, EnvironmentFiles environments) {
        this.runs = runs;
        this.revival = revival;
        this.reader = reader;
        this.sites = sites;
        this.environments = environments;
    }

    RestartResponse restart(String request, RestartRequest restart) throws RequestException {
        RunView view = runs.view(restart.getRun());
        RunHeader header = view.row().header();
        int run = header.run();
        refuseUnlessEnded(view);
        SubmitDirectory.check(Path.of(header.submitDirectory()));
        try {
            environments.replaceBase(run, exportRule(run).apply(restart.getEnvironmentMap()));
        } catch (IOException e) {
            throw new RequestException(
                    Error.Kind.UNAVAILABLE, "the environment of run " + run + " can't be stored: " + Reasons.of(e));
        }
        revival.goOn(run, request);
        LOG.info("Run {} ({}) is restarted.", run, header.name());
        return RestartResponse.newBuilder()
                .setRun(run)
                .setName(header.name())
                .addMessages("run " + run + " runs again what had not succeeded, with the environment of this shell")
                .build();
    }

    /** As at submission: a shell whose secrets a site keeps out is no reason to let them in. */
    private ExportRule exportRule(int run) {
        return ExportRule.strictest(reader.sites(run).stream()
                .map(site -> sites.get(site).config().exportEnvironment())
                .toList());
    }

    private static void refuseUnlessEnded(RunView view) throws RequestException {
        int run = view.row().header().run();
        if (view.live().isPresent()) {
            throw new RequestException(
                    Error.Kind.CONFLICT,
                    "run " + run + " is still going on; `interchange cancel " + run + "` ends it first");
        }
        RunState state = view.row().state();
        if (state == RunState.SUCCEEDED) {
            throw new RequestException(
                    Error.Kind.CONFLICT, "every job of run " + run + " has succeeded: there is nothing to run again");
        }
        if (state == RunState.HELD) {
            throw new RequestException(
                    Error.Kind.CONFLICT,
                    "run " + run + " is held (" + view.row().held() + ") and can't be restarted");
        }
    }
}
