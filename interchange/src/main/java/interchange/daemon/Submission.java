package interchange.daemon;

import interchange.core.Event;
import interchange.core.Now;
import interchange.core.RunGraph;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JobSpec;
import interchange.journal.RunHeader;
import interchange.journal.Write;
import interchange.proto.control.Error;
import interchange.proto.control.SubmitResponse;
import interchange.proto.workflow.Header;
import interchange.shared.Reasons;
import interchange.workflow.LoadedWorkflow;
import interchange.workflow.WorkflowException;
import interchange.workflow.WorkflowLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One workflow on its way to being a run: checked, staged in parts, made visible by one last transaction. Loader thread,
 * which waits for each part to be durable before it hands over the next but one.
 */
final class Submission {
    private static final long PROGRESS_JOBS = 50_000;
    private static final Logger LOG = LoggerFactory.getLogger(Submission.class);

    private final int run;
    private final String globalId;
    private final Path file;
    private final Header header;
    private final RunSites sites;
    private final Live live;
    private final EnvironmentFiles environments;
    private final Supplier<Now> clock;
    private final Reply reply;

    private final Staging staging;
    private boolean begun;
    private long told;
    private long total;

    Submission(
            int run,
            String globalId,
            Path file,
            Header header,
            RunSites sites,
            Live live,
            EnvironmentFiles environments,
            Supplier<Now> clock,
            Reply reply) {
        this.run = run;
        this.globalId = globalId;
        this.file = file;
        this.header = header;
        this.sites = sites;
        this.live = live;
        this.environments = environments;
        this.clock = clock;
        this.reply = reply;
        this.staging = new Staging(run, live, staged -> reply.progress("waiting for the journal", staged, total));
    }

    SubmitResponse load(Map<String, String> environment) throws WorkflowException, RequestException {
        // From the last transaction's handing over on, nobody but the journal knows whether the run exists.
        boolean handedOver = false;
        try {
            reply.progress("reading " + file.getFileName(), 0, 0);
            LoadedWorkflow workflow = new WorkflowLoader(file, sites).load(run, this::begin, this::stage);
            environments.write(run, sites.exportRule().apply(environment), workflow.overlays());
            staging.await();
            handedOver = true;
            staging.next(List.of(), List.of(new Event.RunSubmitted(workflow.graph())));
            staging.await();
            LOG.info("Run {} is {} ({} jobs), from {}.", run, header.getName(), total, header.getSubmitDirectory());
            return SubmitResponse.newBuilder()
                    .setRun(run)
                    .setGlobalId(globalId)
                    .addAllWarnings(sites.warnings())
                    .addAllWarnings(workflow.warnings())
                    .build();
        } catch (IOException e) {
            throw new RequestException(
                    Error.Kind.UNAVAILABLE,
                    "the environment of the run can't be stored, so it was not submitted: " + Reasons.of(e));
        } catch (Staging.BrokenOffException e) {
            throw new RequestException(
                    Error.Kind.UNAVAILABLE,
                    "the daemon is stopping; submit again when it is back: it makes one run of it");
        } finally {
            if (begun && !handedOver) {
                drop();
            }
        }
    }

    private void drop() {
        LOG.warn("Submission {} was not completed: what was staged as run {} goes.", header.getSubmission(), run);
        live.stage(List.of(new Write.StageDropped(run)), List.of());
        try {
            environments.delete(run);
        } catch (IOException e) {
            LOG.warn("The environment of run {}, which was not submitted, stays until the next start.", run, e);
        }
    }

    private void begin(RunGraph graph) {
        total = graph.jobs();
        begun = true;
        RunHeader row = new RunHeader(
                run,
                header.getSubmission(),
                globalId,
                header.getName(),
                header.getSubmitDirectory(),
                header.getSite(),
                header.getAttributesMap(),
                graph.labelTable(),
                header.getMaxJobsMap(),
                header.getNotesList(),
                graph.jobs(),
                clock.get().epochMillis());
        sites.adopt();
        List<Write> writes = new ArrayList<>(sites.writes());
        writes.add(new Write.RunStaged(row));
        staging.next(writes, sites.events());
    }

    private void stage(List<JobSpec> jobs) {
        staging.jobs(jobs);
        if (staging.staged() - told >= PROGRESS_JOBS) {
            told = staging.staged();
            reply.progress("storing jobs", told, total);
        }
    }
}
