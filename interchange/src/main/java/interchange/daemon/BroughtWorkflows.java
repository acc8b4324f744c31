package interchange.daemon;

import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.RunGraph;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JobSpec;
import interchange.journal.JournalReader;
import interchange.journal.LostEnvironmentException;
import interchange.journal.RunHeader;
import interchange.journal.Write;
import interchange.proto.control.Error;
import interchange.proto.workflow.Header;
import interchange.shared.Reasons;
import interchange.site.Circumstances;
import interchange.site.NodeCapacity;
import interchange.workflow.Appending;
import interchange.workflow.LoadedWorkflow;
import interchange.workflow.WorkflowException;
import interchange.workflow.WorkflowFile;
import interchange.workflow.WorkflowLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the workflows that jobs have written into their runs: they are staged behind the jobs that a run has, and one last
 * transaction makes them part of it. Loader thread.
 */
final class BroughtWorkflows {
    /** Files of nodes may be seen late over a network file system. */
    private static final int LOOKS_MAX = 13;

    private static final long LOOK_SECONDS = 5;

    /** The file of sites may be in an editor's hands. */
    private static final int REFUSALS_MAX = 3;

    private static final Logger LOG = LoggerFactory.getLogger(BroughtWorkflows.class);

    private final JournalReader reader;
    private final Sites sites;
    private final Live live;
    private final EnvironmentFiles environments;
    private final Home home;
    private final NodeCapacity capacity;
    private final Troubles troubles;
    private final Executor loader;

    /** @param loader never refuses: there may be as many jobs that bring workflows as a run has */
    BroughtWorkflows(
            JournalReader reader,
            Sites sites,
            Live live,
            EnvironmentFiles environments,
            Home home,
            NodeCapacity capacity,
            Troubles troubles,
            Executor loader) {
        this.reader = reader;
        this.sites = sites;
        this.live = live;
        this.environments = environments;
        this.home = home;
        this.capacity = capacity;
        this.troubles = troubles;
        this.loader = loader;
    }

    /** On the conductor's thread; what comes of it is an event. */
    void takeIn(Effect.TakeIn effect) {
        loader.execute(() -> look(effect, 1));
    }

    private void look(Effect.TakeIn effect, int looks) {
        try {
            tryOnce(effect, looks);
        } catch (IOException e) {
            // A full disk passes, and may not cost the run.
            later(effect, looks, Reasons.of(e));
        } catch (Staging.BrokenOffException e) {
            LOG.info("The daemon stops: what a job of run {} has brought is taken in at its next start.", effect.run());
        } catch (RuntimeException e) {
            // A journal that can't be read, or a fault of ours: the run must not wait without a word.
            LOG.error("What a job of run {} has brought can't be taken in.", effect.run(), e);
            later(effect, looks, Reasons.of(e));
        }
    }

    private void tryOnce(Effect.TakeIn effect, int looks) throws IOException {
        try {
            load(effect);
            troubles.end(Troubles.Kind.BROUGHT);
        } catch (WorkflowException e) {
            if (looks < LOOKS_MAX && mayComeLater(effect)) {
                again(effect, looks + 1);
            } else {
                refuse(effect, String.join("; ", e.problems()));
            }
        } catch (LostEnvironmentException e) {
            refuse(effect, Reasons.of(e));
        } catch (RequestException e) {
            if (e.kind() == Error.Kind.UNAVAILABLE) {
                later(effect, looks, String.join("; ", e.messages()));
            } else if (looks < REFUSALS_MAX) {
                again(effect, looks + 1);
            } else {
                refuse(effect, String.join("; ", e.messages()));
            }
        }
    }

    private void later(Effect.TakeIn effect, int looks, String why) {
        String words = "what a job of run " + effect.run()
                + " has brought can't be taken in now, and is tried again every " + LOOK_SECONDS + " s: " + why;
        LOG.warn("{}", words);
        troubles.begin(Troubles.Kind.BROUGHT, words);
        again(effect, looks);
    }

    /** A whole file of the right attempt says what it says: only others may be what is seen of one too early. */
    private boolean mayComeLater(Effect.TakeIn effect) {
        Path file = Path.of(reader.job(effect.run(), effect.job()).brings());
        try {
            checkAttempt(file, WorkflowFile.readHeader(file), effect.attempt());
            return !WorkflowFile.isWhole(file);
        } catch (WorkflowException | IOException e) {
            return true;
        }
    }

    private void again(Effect.TakeIn effect, int looks) {
        CompletableFuture.delayedExecutor(LOOK_SECONDS, TimeUnit.SECONDS, loader)
                .execute(() -> look(effect, looks));
    }

    private void refuse(Effect.TakeIn effect, String why) {
        String message = "job '" + reader.job(effect.run(), effect.job()).name()
                + "' has succeeded, but the workflow that it was to write can't be taken in: " + why;
        LOG.error("Run {}: {}", effect.run(), message);
        // Nothing is tried again any more.
        troubles.end(Troubles.Kind.BROUGHT);
        Event event = new Event.WorkflowNotBrought(effect.run(), effect.generation(), effect.job(), message);
        live.stage(List.of(), List.of(event));
    }

    private void load(Effect.TakeIn effect) throws WorkflowException, RequestException, IOException {
        int run = effect.run();
        Optional<RunGraph> graph = live.ask((scheduler, now) -> scheduler.graph(run));
        if (graph.isEmpty()) {
            return; // it was cancelled meanwhile
        }
        Path file = Path.of(reader.job(run, effect.job()).brings());
        Header header = WorkflowFile.readHeader(file);
        checkAttempt(file, header, effect.attempt());
        RunSites runSites =
                RunSites.read(sites, header.getSitesMap(), home, Circumstances.here(capacity, allocationOf(run)));
        RunHeader row = reader.header(run);
        Appending behind = new Appending(
                graph.get(), effect.job(), reader.jobNames(run), environments.overlays(run), row.maxJobs());
        Staging staging = new Staging(run, live, staged -> LOG.info("waiting for the journal: {} jobs", staged));
        dropTail(run, graph.get().jobs(), staging);
        LoadedWorkflow workflow = new WorkflowLoader(file, runSites)
                .append(
                        behind,
                        larger -> begin(larger, header, runSites, staging),
                        (List<JobSpec> jobs) -> staging.jobs(jobs));
        environments.append(run, runSites.exportRule()::apply, workflow.overlays());
        staging.next(
                List.of(), List.of(new Event.WorkflowBrought(workflow.graph(), effect.generation(), effect.job())));
        staging.await();
        LOG.info(
                "Run {} has {} jobs more.",
                run,
                workflow.graph().jobs() - graph.get().jobs());
        List<String> warnings = new ArrayList<>(runSites.warnings());
        warnings.addAll(workflow.warnings());
        warnings.forEach(warning -> LOG.warn("Run {}: {}", run, warning));
    }

    /** An earlier attempt may have left its file. */
    private static void checkAttempt(Path file, Header header, int attempt) throws WorkflowException {
        if (header.hasWrittenByAttempt() && header.getWrittenByAttempt() != attempt) {
            throw new WorkflowException(List.of(file + " was written by attempt " + header.getWrittenByAttempt()
                    + ", and the one that has succeeded is " + attempt));
        }
    }

    private String allocationOf(int run) {
        return reader.sites(run).stream()
                .map(site -> sites.get(site).config().allocation())
                .filter(allocation -> !allocation.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** What an earlier try has staged, before the daemon died or the file was found to be wrong. */
    private void dropTail(int run, int jobs, Staging staging) {
        int end = reader.stagedJobs(run);
        for (int from = jobs; from < end; from += Staging.JOBS_MAX) {
            staging.next(List.of(new Write.TailDropped(run, from, from + Staging.JOBS_MAX)), List.of());
        }
    }

    private static void begin(RunGraph larger, Header header, RunSites sites, Staging staging) {
        sites.adopt();
        List<Write> writes = new ArrayList<>(sites.writes());
        writes.add(new Write.LabelsStaged(larger.run(), larger.labelTable(), header.getMaxJobsMap()));
        List<Event> events = sites.events();
        staging.next(writes, events);
    }
}
