package interchange.daemon;

import interchange.core.Now;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JournalReader;
import interchange.proto.control.CheckRequest;
import interchange.proto.control.DoneResponse;
import interchange.proto.control.Error;
import interchange.proto.control.SubmitRequest;
import interchange.proto.control.SubmitResponse;
import interchange.proto.workflow.Header;
import interchange.site.NodeCapacity;
import interchange.workflow.WorkflowException;
import interchange.workflow.WorkflowFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes runs of workflow files, one at a time. Loader thread. */
final class Submissions {
    private final JournalReader reader;
    private final Sites sites;
    private final Live live;
    private final EnvironmentFiles environments;
    private final Home home;
    private final Machine machine;
    private final NodeCapacity capacity;
    private final Supplier<Now> clock;
    private int nextRun;

    Submissions(
            JournalReader reader,
            Sites sites,
            Live live,
            EnvironmentFiles environments,
            Home home,
            Machine machine,
            NodeCapacity capacity,
            Supplier<Now> clock,
            int nextRun) {
        this.reader = reader;
        this.sites = sites;
        this.live = live;
        this.environments = environments;
        this.home = home;
        this.machine = machine;
        this.capacity = capacity;
        this.clock = clock;
        this.nextRun = nextRun;
    }

    /** Repeating a submission gives the run that it became. */
    SubmitResponse submit(SubmitRequest request, Reply reply) throws RequestException {
        Path file = Path.of(request.getWorkflow());
        if (!file.isAbsolute()) {
            throw new RequestException(Error.Kind.USER, "'" + file + "' is not absolute: the daemon is elsewhere");
        }
        try {
            Header header = WorkflowFile.readHeader(file);
            Optional<Integer> before = reader.findSubmission(header.getSubmission());
            if (before.isPresent()) {
                return existing(before.get());
            }
            SubmitDirectory.check(Path.of(header.getSubmitDirectory()));
            RunSites runSites = RunSites.read(sites, header.getSitesMap(), home, capacity);
            // Drawn even if nothing becomes of it: rows of a refused run may still be on their way out.
            int run = nextRun++;
            Submission submission = new Submission(
                    run, globalId(run, header), file, header, runSites, live, environments, clock, reply);
            return submission.load(request.getEnvironmentMap());
        } catch (WorkflowException e) {
            throw new RequestException(Error.Kind.USER, e.problems());
        }
    }

    private SubmitResponse existing(int run) {
        return SubmitResponse.newBuilder()
                .setRun(run)
                .setGlobalId(reader.header(run).globalId())
                .setExisted(true)
                .build();
    }

    private String globalId(int run, Header header) {
        String submission = header.getSubmission();
        return machine.host() + "#" + run + "#" + submission.substring(0, Math.min(8, submission.length()));
    }

    /** What can be known before a workflow is written. */
    DoneResponse check(CheckRequest request) throws RequestException {
        RunSites runSites = RunSites.read(sites, request.getSitesMap(), home, capacity);
        if (!request.getSite().isEmpty()) {
            runSites.require(request.getSite());
        }
        return DoneResponse.newBuilder().addMessages("the sites are right").build();
    }
}
