package interchange.daemon;

import interchange.core.Now;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JournalReader;
import interchange.proto.control.CheckRequest;
import interchange.proto.control.CheckResponse;
import interchange.proto.control.CheckedSite;
import interchange.proto.control.Error;
import interchange.proto.control.SubmitRequest;
import interchange.proto.control.SubmitResponse;
import interchange.proto.workflow.Header;
import interchange.provider.BlockRequest;
import interchange.site.Circumstances;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.site.SitePools;
import interchange.workflow.WorkflowException;
import interchange.workflow.WorkflowFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Makes runs of workflow files, one at a time. Loader thread. */
final class Submissions {
    /** Where Slurm tells the shells of an allocation which it is. */
    static final String ALLOCATION = "SLURM_JOB_ID";

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
            refuseOtherArchitecture(request.getArchitecture());
            Header header = WorkflowFile.readHeader(file);
            Optional<Integer> before = reader.findSubmission(header.getSubmission());
            if (before.isPresent()) {
                return existing(before.get());
            }
            SubmitDirectory.check(Path.of(header.getSubmitDirectory()));
            Circumstances circumstances =
                    Circumstances.here(capacity, request.getEnvironmentMap().getOrDefault(ALLOCATION, ""));
            RunSites runSites = RunSites.read(sites, header.getSitesMap(), home, circumstances);
            // Drawn even if nothing becomes of it: rows of a refused run may still be on their way out.
            int run = nextRun++;
            Submission submission = new Submission(
                    run, globalId(run, header), file, header, runSites, live, environments, clock, reply);
            return submission.load(request.getEnvironmentMap());
        } catch (WorkflowException e) {
            throw new RequestException(Error.Kind.USER, e.problems());
        }
    }

    /** Workers run the daemon's Java, and jobs the programs of the shell that submits: no node runs both. */
    private static void refuseOtherArchitecture(String submitters) throws RequestException {
        String own = Circumstances.ownArchitecture();
        if (!submitters.isEmpty() && !submitters.equals(own)) {
            throw new RequestException(
                    Error.Kind.USER,
                    "this shell is on a machine of the architecture " + submitters + ", and the daemon, whose Java the"
                            + " workers run, on one of " + own
                            + ": submit from there, or stop the daemon, or have another"
                            + " with an INTERCHANGE_HOME of its own");
        }
    }

    /** Of a block that is never asked for: by its lines users know what their site means to the batch system. */
    private List<String> head(SiteConfig site) {
        return sites.provider(site)
                .head(new BlockRequest(
                        0, "TOKEN", site.terms(), List.of(), home.blocks().resolve("ID-TOKEN"), List.of()));
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

    /** What can be known before a workflow is written: whether its sites are right, and what they mean. */
    CheckResponse check(CheckRequest request) throws RequestException {
        refuseOtherArchitecture(request.getArchitecture());
        RunSites runSites = RunSites.read(
                sites, request.getSitesMap(), home, Circumstances.here(capacity, request.getAllocation()));
        Set<String> names = new TreeSet<>(request.getSitesMap().keySet());
        names.addAll(request.getNamesList());
        if (!request.getSite().isEmpty()) {
            names.add(request.getSite());
        }
        CheckResponse.Builder response = CheckResponse.newBuilder().addMessages("the sites are right");
        for (SitePools pools : runSites.require(names)) {
            for (SiteConfig site : pools.smallestFirst()) {
                response.addSites(CheckedSite.newBuilder()
                        .setSection(pools.name())
                        .setName(site.name())
                        .setKeys(site.resolvedStruct())
                        .addAllHead(head(site)));
            }
        }
        return response.addAllWarnings(runSites.warnings()).build();
    }
}
