package interchange.provider;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What LSF says of one job.
 *
 * @param state its word, such as PEND
 * @param exitCode of one that has ended otherwise than with 0; empty: not told
 * @param reason why it waits or ended, in LSF's words
 */
record LsfJob(String state, OptionalInt exitCode, String reason, List<String> nodes, long remainingSeconds) {
    /** Ends that were wanted, or that come with the time: IBM's termination reasons. */
    private static final Set<String> ORDINARY = Set.of(
            "TERM_OWNER",
            "TERM_ADMIN",
            "TERM_RUNLIMIT",
            "TERM_DEADLINE",
            "TERM_WINDOW",
            "TERM_PREEMPT",
            "TERM_LOAD",
            "TERM_BUCKET_KILL",
            "TERM_REQUEUE_OWNER",
            "TERM_REQUEUE_ADMIN",
            "TERM_MC_RECALL",
            "TERM_CHKPNT");

    /** Ends in LSF's books alone: what ran may still run. */
    private static final Set<String> UNSEEN = Set.of("TERM_FORCE_OWNER", "TERM_FORCE_ADMIN", "TERM_ZOMBIE");

    /** More memory, or swap, than it had. */
    private static final Set<String> OUT_OF_MEMORY = Set.of("TERM_MEMLIMIT", "TERM_SWAP");

    /** What waits and was stopped. */
    static final String STOPPED = "stopped while it waits: ";

    private static final Pattern KEYWORD = Pattern.compile("TERM_[A-Z_]+");

    /** HUP, INT, KILL, USR2 and TERM, plus 128: a bkill is INT, TERM and KILL, the end of the time begins with USR2. */
    private static final Set<Integer> SIGNALLED = Set.of(129, 130, 137, 140, 143);

    LsfJob {
        nodes = List.copyOf(nodes);
    }

    BlockReport report() {
        return switch (state) {
            case "PEND", "WAIT", "PROV" -> new BlockReport(BlockPhase.QUEUED, reason, -1);
            case "PSUSP" -> new BlockReport(BlockPhase.QUEUED, reason.isEmpty() ? "" : STOPPED + reason, -1);
            case "RUN" -> new BlockReport(BlockPhase.RUNNING, "", remainingSeconds, nodes);
            case "SSUSP", "USUSP" -> new BlockReport(BlockPhase.SUSPENDED, reason, -1, nodes);
            case "DONE" -> new BlockReport(BlockPhase.ENDED, reason, 0, nodes);
            case "EXIT" -> new BlockReport(end(), lastWords(), 0, nodes);
            case "ZOMBI" ->
                new BlockReport(
                        BlockPhase.NODE_FAILED,
                        "LSF lost its node" + (reason.isEmpty() ? "" : ": " + reason),
                        0,
                        nodes);
            default ->
                new BlockReport(BlockPhase.RUNNING, "LSF says it is in state '" + state + "'", remainingSeconds, nodes);
        };
    }

    private BlockPhase end() {
        Matcher keyword = KEYWORD.matcher(reason);
        if (keyword.find()) {
            if (UNSEEN.contains(keyword.group())) {
                return BlockPhase.NODE_FAILED;
            }
            if (OUT_OF_MEMORY.contains(keyword.group())) {
                return BlockPhase.OUT_OF_MEMORY;
            }
            return ORDINARY.contains(keyword.group()) ? BlockPhase.ENDED : BlockPhase.FAILED;
        }
        // Without a node it was deleted while it waited.
        boolean ordinary = exitCode.isEmpty() ? nodes.isEmpty() : SIGNALLED.contains(exitCode.getAsInt());
        return ordinary ? BlockPhase.ENDED : BlockPhase.FAILED;
    }

    private String lastWords() {
        String code = exitCode.isPresent() ? "exit code " + exitCode.getAsInt() : "";
        if (reason.isEmpty() || code.isEmpty()) {
            return reason + code;
        }
        return reason + " (" + code + ")";
    }

    /** Of {@code 8*n1:8*n2} or {@code n1:n1:n2}: n1 and n2. */
    static List<String> nodes(String execHosts) {
        return Arrays.stream(execHosts.split(":", -1))
                .map(host -> host.replaceFirst("^[0-9]+\\*", "").strip())
                .filter(host -> !host.isEmpty() && !host.equals("-"))
                .distinct()
                .toList();
    }
}
