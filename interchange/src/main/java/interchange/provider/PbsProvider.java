package interchange.provider;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenPBS, PBS Pro and Torque.
 *
 * <p>A poll is {@code qstat -f} without the history: where a server keeps none, a {@code qstat -x} shows nothing and ends
 * with 0, as if there were no jobs. What has left the queue is looked for in the history afterwards.
 *
 * @param dialect empty: not known yet
 * @param timeout of each command
 */
public record PbsProvider(Optional<PbsDialect> dialect, Duration timeout) implements Provider {
    public static final String NAME = "pbs";

    /** Keys of a site that PBS has nothing for: both are things of its queues and schedulers. */
    public static final Set<String> UNSERVED = Set.of("qos", "singleton");

    private static final Pattern ID = Pattern.compile("[0-9]+(\\[\\])?(\\.[A-Za-z0-9_.-]+)?");

    /** What else than an id may be behind an answer of one job: it is over, was never here, or has another server's name. */
    private static final Complaints COMPLAINTS = new Complaints(Pattern.compile(
            "(?i)unknown job id|job has finished|illegally formed job identifier|(request )?invalid (request )?"
                    + "(for )?state (of|for) job|not configured to maintain job history"));

    /** As servers of OpenPBS and PBS Pro put it. */
    private static final String HELD = "too many failed attempts";

    /** Names in stdout are ours and ids PBS's; a name that nothing has prints nothing. Others may use our names. */
    private static final String FIND = """
            for token in "$@"; do
                ids=$(qselect -u "$(id -un)" -N "$token") || exit "$?"
                for id in $ids; do
                    printf '%s\\t%s\\n' "$token" "$id"
                done
            done
            """;

    public PbsProvider(Duration timeout) {
        this(Optional.empty(), timeout);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<Call> probe() {
        return dialect.isPresent() ? Optional.empty() : Optional.of(call(List.of("qstat", "--version")));
    }

    @Override
    public Provider probed(Answer answer) throws ProviderException {
        return new PbsProvider(Optional.of(PbsDialect.of(answer)), timeout);
    }

    @Override
    public Call submit(BlockRequest request) throws IOException {
        BlockRequest asked = PbsHead.asked(request);
        String script = new BlockScript(
                        PbsHead.lines(asked, known()), asked.terms().nodes() == 1 ? "here" : "pbs")
                .write(asked)
                .toString();
        // Without -f it leaves a process behind, which speaks to the server for the next one.
        return call(known() == PbsDialect.PRO ? List.of("qsub", "-f", script) : List.of("qsub", script));
    }

    /** As for PBS Pro, where it is not known yet which it is. */
    @Override
    public List<String> head(BlockRequest request) {
        return BlockScript.head(PbsHead.lines(PbsHead.asked(request), dialect.orElse(PbsDialect.PRO)), request);
    }

    /** The last line that can be an id: wrappers and hooks of sites like to say things before it. */
    @Override
    public String parseSubmitted(Answer answer) throws ProviderException {
        if (!answer.ok()) {
            throw Refusals.of("qsub", answer);
        }
        String id = "";
        for (String line : answer.stdout().split("\n", -1)) {
            Matcher found = ID.matcher(line.strip());
            id = found.matches() ? line.strip() : id;
        }
        if (id.isEmpty()) {
            throw new ProviderException("qsub printed no id: " + answer.words(), false);
        }
        return id;
    }

    @Override
    public Call poll(List<String> batchIds) {
        return call(with(List.of("qstat", "-f"), batchIds));
    }

    /** Exit codes tell of the last complaint alone: stdout counts, and stderr says whether it is an answer. */
    @Override
    public Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException {
        COMPLAINTS.checkSpoken("qstat", answer);
        return reports(answer);
    }

    /** Torque has no history that users can read. */
    @Override
    public Optional<Call> lookBack(List<String> batchIds) {
        return known() == PbsDialect.TORQUE
                ? Optional.empty()
                : Optional.of(call(with(List.of("qstat", "-x", "-f"), batchIds)));
    }

    @Override
    public Map<String, BlockReport> parseLookedBack(Answer answer) {
        return reports(answer);
    }

    /** PBS holds what it could not start twenty times. A hold of somebody's own is respected. */
    @Override
    public boolean isStuck(BlockReport report) {
        return report.phase() == BlockPhase.QUEUED && report.message().contains(HELD);
    }

    private Map<String, BlockReport> reports(Answer answer) {
        Map<String, BlockReport> reports = new LinkedHashMap<>();
        PbsListing.read(answer.stdout())
                .forEach((id, attributes) -> reports.put(id, new PbsJob(known(), attributes).report()));
        return reports;
    }

    /** Names are the tokens; one call of qselect takes one name. */
    @Override
    public Call find(List<String> tokens) {
        return call(with(List.of("sh", "-c", FIND, "sh"), tokens));
    }

    @Override
    public Map<String, String> parseFound(Answer answer) throws ProviderException {
        if (!answer.ok()) {
            throw ProviderException.of("qselect", answer);
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : answer.stdout().lines().toList()) {
            String[] fields = line.split("\t", -1);
            if (fields.length != 2 || !ID.matcher(fields[1].strip()).matches()) {
                throw new ProviderException("qselect: can't read the line '" + line + "'", true);
            }
            // Where a wrapper of qsub tried twice.
            found.putIfAbsent(fields[0], fields[1].strip());
        }
        return found;
    }

    @Override
    public Call cancel(List<String> batchIds) {
        return call(with(List.of("qdel"), batchIds));
    }

    @Override
    public void checkCancelled(Answer answer) throws ProviderException {
        COMPLAINTS.check("qdel", answer);
    }

    private PbsDialect known() {
        return dialect.orElseThrow(() -> new IllegalStateException("PBS was not probed"));
    }

    private Call call(List<String> argv) {
        return new Call(argv, "", timeout, Map.of());
    }

    private static List<String> with(List<String> command, List<String> more) {
        List<String> argv = new ArrayList<>(command);
        argv.addAll(more);
        return argv;
    }
}
