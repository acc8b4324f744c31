package interchange.provider;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * IBM LSF, and what has its commands: older LSF, openlava.
 *
 * @param dialect empty: not known yet
 * @param timeout of each command
 */
public record LsfProvider(Optional<LsfDialect> dialect, Duration timeout) implements Provider {
    public static final String NAME = "lsf";

    /** Keys of a site that LSF has nothing for: both are things of its queues. */
    public static final Set<String> UNSERVED = Set.of("qos", "singleton");

    private static final Pattern SUBMITTED = Pattern.compile("(?m)^\\s*Job <([0-9]+)> is submitted to ");

    /** What speaks of one job, or says that there is none; the rest comes before an answer that took long. */
    private static final Complaints COMPLAINTS = new Complaints(
            Pattern.compile("is not found|No (unfinished |matching |finished )?job found|has already finished"
                    + "|still trying|LSF is processing your request|Please wait"));

    /**
     * LSF takes the whole environment along. What a job needs of it comes by our own way; the rest is nobody's business
     * but the shell's that started us.
     */
    private static final String SUBMIT = """
            for name in $(awk 'BEGIN { for (name in ENVIRON) print name }'); do
                case $name in
                    PATH | HOME | USER | LOGNAME | SHELL | LANG | LC_* | TZ | LD_LIBRARY_PATH) ;;
                    LSF_* | LSB_* | LS_* | EGO_* | XLSF_* | BSUB_*) ;;
                    *[!A-Za-z0-9_]* | [0-9]*) ;;
                    *) unset "$name" ;;
                esac
            done
            exec bsub <"$1"
            """;

    private static final Pattern BY_SOMEBODY =
            Pattern.compile("by (the |an? )?(job owner|user|owner|LSF admin|admin|root)");

    /** The batch daemon's memory first; then the log, which is longer, but which not every host can read. */
    private static final String LOOK_BACK = "bjobs -a -l \"$@\"; bhist -l \"$@\"";

    public LsfProvider(Duration timeout) {
        this(Optional.empty(), timeout);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Optional<Call> probe() {
        return dialect.isPresent() ? Optional.empty() : Optional.of(call(List.of("bsub", "-V")));
    }

    @Override
    public Provider probed(Answer answer) throws ProviderException {
        return new LsfProvider(Optional.of(LsfDialect.of(answer)), timeout);
    }

    /** On stdin, since only there #BSUB lines are read. */
    @Override
    public Call submit(BlockRequest request) throws IOException {
        BlockRequest asked = LsfHead.asked(request);
        String script = new BlockScript(
                        LsfHead.lines(asked, known()), asked.terms().nodes() == 1 ? "here" : "lsf")
                .write(asked)
                .toString();
        return call(List.of("sh", "-c", SUBMIT, "sh", script));
    }

    /** As for LSF 10, where it is not known yet which it is. */
    @Override
    public List<String> head(BlockRequest request) {
        LsfDialect known = dialect.orElse(LsfDialect.FORMATTED);
        return BlockScript.head(LsfHead.lines(LsfHead.asked(request), known), request);
    }

    @Override
    public String parseSubmitted(Answer answer) throws ProviderException {
        if (!answer.ok()) {
            throw Refusals.of("bsub", answer);
        }
        Matcher submitted = SUBMITTED.matcher(answer.stdout());
        if (!submitted.find()) {
            throw new ProviderException("bsub printed no id: " + answer.words(), false);
        }
        return submitted.group(1);
    }

    /** With -a: what is over is shown for a while, as long as the site wants. */
    @Override
    public Call poll(List<String> batchIds) {
        return call(with(listing(), batchIds));
    }

    @Override
    public Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException {
        COMPLAINTS.checkSpoken("bjobs", answer);
        return LsfListing.reports(known(), answer.stdout());
    }

    /** LSF stops what waits, too, when it could not be started too often. Who was it says the reason. */
    @Override
    public boolean isStuck(BlockReport report) {
        return report.phase() == BlockPhase.QUEUED
                && report.message().startsWith(LsfJob.STOPPED)
                && !BY_SOMEBODY.matcher(report.message()).find();
    }

    @Override
    public Optional<Call> lookBack(List<String> batchIds) {
        return Optional.of(call(with(List.of("sh", "-c", LOOK_BACK, "sh"), batchIds)));
    }

    @Override
    public Map<String, BlockReport> parseLookedBack(Answer answer) {
        return LsfHistory.told(answer.stdout());
    }

    /** All our jobs: bjobs takes one name at a time, and names are the tokens. */
    @Override
    public Call find(List<String> tokens) {
        return call(listing());
    }

    @Override
    public Map<String, String> parseFound(Answer answer) throws ProviderException {
        COMPLAINTS.checkSpoken("bjobs", answer);
        return LsfListing.names(known(), answer.stdout());
    }

    @Override
    public Call cancel(List<String> batchIds) {
        return call(with(List.of("bkill"), batchIds));
    }

    @Override
    public void checkCancelled(Answer answer) throws ProviderException {
        COMPLAINTS.check("bkill", answer);
    }

    private List<String> listing() {
        return known() == LsfDialect.FORMATTED
                ? List.of("bjobs", "-a", "-noheader", "-o", LsfListing.FIELDS)
                : List.of("bjobs", "-a", "-w");
    }

    private LsfDialect known() {
        return dialect.orElseThrow(() -> new IllegalStateException("LSF was not probed"));
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
