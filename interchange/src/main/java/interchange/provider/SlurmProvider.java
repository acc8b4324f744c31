package interchange.provider;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Slurm, from 20.11 on.
 *
 * <p>Its commands, and so the blocks, see {@link BareEnvironment} alone. That is plainer than {@code --export}: NONE has
 * slurmd start a login shell for the user (jobs are held where that is slow) and makes srun forget the environment, too,
 * while ALL would carry whatever the daemon was started with.
 *
 * @param environment that of the daemon, bared
 * @param timeout of each command
 */
public record SlurmProvider(BareEnvironment environment, Duration timeout) implements Provider {
    public static final String NAME = "slurm";

    /**
     * Where the cluster is, the only one of Slurm's variables that says nothing of what is asked for; where the libraries
     * of its commands are, on sites that load them as a module; and whose tickets auks takes along for a job.
     */
    static final Set<String> NEEDED = Set.of("SLURM_CONF", "LD_LIBRARY_PATH", "KRB5CCNAME");

    /** Its jobs are not in the queue that we look at. */
    private static final Pattern ELSEWHERE = Pattern.compile("(?m)^#SBATCH\\s+(?:.*\\s)?(--clusters?\\b|-M).*$");

    /** Of one scancel: each is a message to the controller. */
    private static final int CANCELLED_AT_ONCE = 200;

    /** Of env(1), when there is no such program. */
    private static final int NOT_FOUND = 127;

    /** What {@code --parsable} prints, with the cluster behind it in a federation; some sites' wrappers leave it out. */
    private static final Pattern SUBMITTED =
            Pattern.compile("^(?:Submitted batch job )?(\\d+)(?:;.*)?$", Pattern.MULTILINE);

    /** The controller did not answer, which says nothing of what it has done. */
    private static final Pattern UNHEARD = Pattern.compile(
            "timed out|[Uu]nable to contact|connect failure|Zero Bytes|[Cc]ommunication|[Uu]nexpected message|"
                    + "Transport endpoint|Connection re(fused|set)|Resource temporarily unavailable");

    /** What scancel says of those that need no end. */
    private static final Pattern OVER =
            Pattern.compile("Invalid job id specified|[Aa]lready complet(ing|ed)|is already finished");

    /** As squeue puts it, with blanks or underscores by its version. */
    private static final Pattern HELD = Pattern.compile("requeued.(in.)?held|REQUEUE_HOLD|SPECIAL_EXIT");

    private static final Pattern RESTARTS = Pattern.compile("^(\\d+) +(\\d{1,9}) *$", Pattern.MULTILINE);

    private static final Pattern RECORD = Pattern.compile("(\\d+)\\|([A-Z_]+)(?: by \\S+)?\\|([^|]*)\\|(.*)");

    /** For the whole of it. */
    public static SlurmProvider of(Map<String, String> environment, Duration timeout) {
        return new SlurmProvider(BareEnvironment.of(environment, NEEDED), timeout);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Call submit(BlockRequest request) throws IOException, ProviderException {
        refuseOtherClusters(request.terms());
        boolean one = request.terms().nodes() == 1;
        Path script = new BlockScript(SlurmHeader.lines(request), one ? "here" : "srun").write(request);
        String directory = request.directory().toString();
        return call(environment.command(
                "sbatch",
                "--parsable",
                "--comment=" + request.token(),
                "--chdir=" + directory,
                // Also the words of Slurm itself, such as why it ended the block. A % would be a pattern.
                "--output=" + directory.replace("%", "%%") + "/block.log",
                script.toString()));
    }

    private static void refuseOtherClusters(BlockTerms terms) throws ProviderException {
        for (String line : terms.schedulerOptions()) {
            Matcher elsewhere = ELSEWHERE.matcher(line);
            if (elsewhere.find()) {
                throw new ProviderException(
                        "site '" + terms.site() + "': " + elsewhere.group(1) + " in schedulerOptions is not supported:"
                                + " blocks are looked for on the cluster that squeue shows; remove it",
                        true);
            }
        }
    }

    @Override
    public List<String> head(BlockRequest request) {
        return BlockScript.head(SlurmHeader.lines(request), request);
    }

    @Override
    public String parseSubmitted(Answer answer) throws ProviderException {
        if (!answer.ok()) {
            throw refusal(answer);
        }
        Optional<String> id = SUBMITTED
                .matcher(answer.stdout())
                .results()
                .map(found -> found.group(1))
                .reduce((first, last) -> last);
        return id.orElseThrow(() -> new ProviderException("sbatch printed no id: " + answer.words(), false));
    }

    private static ProviderException refusal(Answer answer) {
        ProviderException failure = ProviderException.of("sbatch", answer);
        if (answer.fate() != Answer.Fate.ENDED || answer.exit() == NOT_FOUND) {
            return failure;
        }
        boolean certain = !UNHEARD.matcher(answer.stderr()).find();
        return new ProviderException("sbatch refused the block: \"" + words(answer.stderr()) + "\"", certain);
    }

    /** Without the name of the command at the head of each line. */
    private static String words(String stderr) {
        String words = stderr.lines()
                .map(line ->
                        line.replaceFirst("^s[a-z]+: (error: |fatal: )?", "").strip())
                .filter(line -> !line.isEmpty())
                .collect(Collectors.joining("; "));
        return words.isEmpty() ? "it said nothing" : words;
    }

    @Override
    public Call poll(List<String> batchIds) {
        return queue();
    }

    /** By no list of ids, and not by name: sites have different ones. */
    private Call queue() {
        return squeue("--format=" + SlurmQueue.FORMAT);
    }

    /** In hidden partitions as well, and on all clusters of a federation: what is not shown counts as gone. */
    private Call squeue(String format) {
        return call(
                environment.command("squeue", "--me", "--federation", "--all", "--noheader", "--states=all", format));
    }

    @Override
    public Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException {
        return read(answer).reports();
    }

    /** Slurm holds what it could not launch again until somebody releases it. A hold of the user's own is respected. */
    @Override
    public boolean isStuck(BlockReport report) {
        return report.phase() == BlockPhase.QUEUED
                && HELD.matcher(report.message()).find();
    }

    private static SlurmQueue read(Answer answer) throws ProviderException {
        if (!answer.ok()) {
            throw ProviderException.of("squeue", answer);
        }
        return new SlurmQueue(answer.stdout());
    }

    /** The format of polls has no room for it. */
    @Override
    public Optional<Call> countRestarts(List<String> batchIds) {
        return Optional.of(squeue("--Format=JobID:20,RestartCnt:20"));
    }

    @Override
    public Map<String, Integer> parseRestarts(Answer answer) {
        Map<String, Integer> restarts = new LinkedHashMap<>();
        if (answer.ok()) {
            RESTARTS.matcher(answer.stdout())
                    .results()
                    .forEach(line -> restarts.put(line.group(1), Integer.parseInt(line.group(2))));
        }
        return restarts;
    }

    @Override
    public Optional<Call> lookBack(List<String> batchIds) {
        return Optional.of(call(environment.command(
                "sacct",
                "--noheader",
                "--parsable2",
                "--allocations",
                "--format=JobIDRaw,State,ExitCode,NodeList",
                "--jobs=" + String.join(",", batchIds))));
    }

    /** What squeue only did not show is here as well. Many clusters have no accounting, and say so with a failure. */
    @Override
    public Map<String, BlockReport> parseLookedBack(Answer answer) {
        Map<String, BlockReport> reports = new LinkedHashMap<>();
        for (String line : answer.stdout().split("\n", -1)) {
            Matcher record = RECORD.matcher(line.strip());
            if (answer.ok() && record.matches()) {
                reports.put(
                        record.group(1),
                        new BlockReport(
                                SlurmState.phase(record.group(2)),
                                SlurmState.message(record.group(2), exitCode(record.group(3))),
                                -1,
                                NodeList.expand(record.group(4).replace("None assigned", ""))));
            }
        }
        return reports;
    }

    /** As {@code CODE:SIGNAL}. */
    private static String exitCode(String text) {
        return text.isEmpty() || text.equals("0:0") ? "" : "exit code " + text;
    }

    /** They are all in one answer: those that are looked for are picked out of it by Blocks. */
    @Override
    public Call find(List<String> tokens) {
        return queue();
    }

    @Override
    public Map<String, String> parseFound(Answer answer) throws ProviderException {
        return read(answer).found();
    }

    @Override
    public Call cancel(List<String> batchIds) {
        List<String> argv = new ArrayList<>(List.of("xargs", "-n", String.valueOf(CANCELLED_AT_ONCE), "scancel"));
        return new Call(environment.command(argv), String.join("\n", batchIds) + "\n", timeout, Map.of());
    }

    @Override
    public void checkCancelled(Answer answer) throws ProviderException {
        boolean onlyOver = answer.fate() == Answer.Fate.ENDED
                && answer.stderr().lines().anyMatch(line -> OVER.matcher(line).find())
                && answer.stderr()
                        .lines()
                        .allMatch(line -> line.isBlank() || OVER.matcher(line).find());
        if (!answer.ok() && !onlyOver) {
            throw ProviderException.of("scancel", answer);
        }
    }

    private Call call(List<String> argv) {
        return new Call(argv, "", timeout, Map.of());
    }
}
