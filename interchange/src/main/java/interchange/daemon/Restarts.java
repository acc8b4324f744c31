package interchange.daemon;

import interchange.core.Event;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets ended runs go on with what has not succeeded. Loader thread. */
final class Restarts {
    private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);

    private final RunLookup runs;
    private final Live live;
    private final Revival revival;
    private final JournalReader reader;
    private final Sites sites;
    private final EnvironmentFiles environments;

    Restarts(
            RunLookup runs,
            Live live,
            Revival revival,
            JournalReader reader,
            Sites sites,
            EnvironmentFiles environments) {
        this.runs = runs;
        this.live = live;
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
        refuseUnlessReadable(run);
        SubmitDirectory.check(Path.of(header.submitDirectory()));
        try {
            environments.replaceBase(run, exportRule(run).apply(restart.getEnvironmentMap()));
        } catch (IOException e) {
            throw new RequestException(
                    Error.Kind.UNAVAILABLE, "the environment of run " + run + " can't be stored: " + Reasons.of(e));
        }
        String allocation = restart.getEnvironmentMap().getOrDefault(Submissions.ALLOCATION, "");
        List<String> moved = moveTo(allocation, run);
        revival.goOn(run, request);
        LOG.info("Run {} ({}) is restarted.", run, header.name());
        return RestartResponse.newBuilder()
                .setRun(run)
                .setName(header.name())
                .addMessages("run " + run + " runs again what had not succeeded, with the environment of this shell")
                .addAllMessages(moved)
                .build();
    }

    /** What is left of an allocation that is over goes on in the one that the restart comes from. */
    private List<String> moveTo(String allocation, int run) throws RequestException {
        List<String> messages = new ArrayList<>();
        for (int index : reader.sites(run)) {
            Optional<Sites.Entry> moved = sites.movedTo(allocation, sites.get(index));
            if (moved.isPresent()) {
                live.store(List.of(moved.get().write()), List.of(new Event.SiteResumed(index)));
                sites.add(index, moved.get().config());
                messages.add("blocks of site '" + moved.get().config().name() + "' run in allocation " + allocation
                        + " from now on");
            }
        }
        return messages;
    }

    private void refuseUnlessReadable(int run) throws RequestException {
        for (int index : reader.sites(run)) {
            if (!sites.isKnown(index)) {
                throw new RequestException(
                        Error.Kind.CONFLICT,
                        "a site of run " + run
                                + " can't be read by this version (the daemon's log says why); submit the"
                                + " run anew");
            }
        }
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
            String why = view.row()
                    .abort()
                    .map(abort -> "run " + run + " has succeeded, by the exit code of job '" + abort.job()
                            + "', which ended it")
                    .orElse("every job of run " + run + " has succeeded");
            throw new RequestException(Error.Kind.CONFLICT, why + ": there is nothing to run again");
        }
        if (state == RunState.HELD) {
            throw new RequestException(
                    Error.Kind.CONFLICT,
                    "run " + run + " is held (" + view.row().held() + ") and can't be restarted");
        }
    }
}
