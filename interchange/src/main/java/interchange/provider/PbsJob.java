package interchange.provider;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** What PBS says of one job, by its attributes as {@link PbsListing} gives them. */
record PbsJob(PbsDialect dialect, Map<String, String> attributes) {
    /** The walltime was over: {@code JOB_EXEC_KILL_WALLTIME} and {@code JOB_EXEC_OVERLIMIT_WT} of their sources. */
    private static final int WALLTIME_PRO = -29;

    private static final int WALLTIME_TORQUE = -11;

    /** More memory than it had: {@code JOB_EXEC_KILL_VMEM} and {@code JOB_EXEC_KILL_MEM}. */
    private static final Set<Integer> OUT_OF_MEMORY_PRO = Set.of(-26, -27);

    /** {@code JOB_EXEC_OVERLIMIT_MEM}. */
    private static final Set<Integer> OUT_OF_MEMORY_TORQUE = Set.of(-10);

    /**
     * The daemon of the first node was started anew, or lost its sisters: {@code JOB_EXEC_INITABT}, {@code INITRST},
     * {@code INITRMG}, and {@code RERUN_MS_FAIL}.
     */
    private static final Set<Integer> NODE_FAILURES = Set.of(-4, -5, -6, -20);

    /** TERM ended the job's shell (256 + 15), or the script (128 + 15): it was deleted, or its time was over. */
    private static final Set<Integer> TERMINATED = Set.of(271, 143);

    private static final Set<String> WAITING = Set.of("Q", "W", "H", "T");

    /** KILL, which follows a TERM that was not obeyed in time. */
    private static final Set<Integer> KILLED = Set.of(265, 137);

    /** Of OpenPBS and PBS Pro: terminated by a qdel. */
    private static final String SUBSTATE_DELETED = "91";

    PbsJob {
        attributes = Map.copyOf(attributes);
    }

    BlockReport report() {
        String state = text("job_state");
        return switch (state) {
            case "Q", "W", "H", "T" -> new BlockReport(BlockPhase.QUEUED, comment(), -1, List.of(), restarts());
            case "R", "E", "B" -> new BlockReport(BlockPhase.RUNNING, "", remainingSeconds(), nodes(), restarts());
            case "S", "U" -> new BlockReport(BlockPhase.SUSPENDED, comment(), -1, nodes());
            case "F", "X", "C" -> new BlockReport(end(), lastWords(), 0, nodes(), restarts());
            default ->
                new BlockReport(
                        BlockPhase.RUNNING, "PBS says it is in state '" + state + "'", remainingSeconds(), nodes());
        };
    }

    private BlockPhase end() {
        OptionalLong status = number("exit_status");
        if (status.isEmpty()) {
            // Nobody saw the end of what ran: it was struck off, or its node is gone.
            return nodes().isEmpty() ? BlockPhase.ENDED : BlockPhase.NODE_FAILED;
        }
        int exit = (int) status.getAsLong();
        if (NODE_FAILURES.contains(exit)) {
            return BlockPhase.NODE_FAILED;
        }
        if ((dialect == PbsDialect.TORQUE ? OUT_OF_MEMORY_TORQUE : OUT_OF_MEMORY_PRO).contains(exit)) {
            return BlockPhase.OUT_OF_MEMORY;
        }
        // On Torque nothing but the KILL tells that it was deleted and did not end by the TERM.
        boolean ordinary = exit == 0
                || TERMINATED.contains(exit)
                || dialect == PbsDialect.TORQUE && KILLED.contains(exit)
                || text("substate").equals(SUBSTATE_DELETED)
                || outOfTime(exit);
        return ordinary ? BlockPhase.ENDED : BlockPhase.FAILED;
    }

    private boolean outOfTime(int exit) {
        OptionalLong given = seconds("resource_list.walltime");
        OptionalLong used = seconds("resources_used.walltime");
        return exit == (dialect == PbsDialect.PRO ? WALLTIME_PRO : WALLTIME_TORQUE)
                || KILLED.contains(exit)
                        && given.isPresent()
                        && used.isPresent()
                        && used.getAsLong() >= given.getAsLong();
    }

    private String lastWords() {
        String status = text("exit_status");
        String words = comment();
        if (status.isEmpty() || status.equals("0")) {
            return words;
        }
        return words.isEmpty() ? "exit status " + status : words + " (exit status " + status + ")";
    }

    private String comment() {
        return text("comment").strip();
    }

    /** What was used is told every few minutes only, so this may be too much by that; Torque counts itself. */
    private long remainingSeconds() {
        OptionalLong counted = number("walltime.remaining");
        if (counted.isPresent()) {
            return Math.max(0, counted.getAsLong());
        }
        OptionalLong given = seconds("resource_list.walltime");
        if (given.isEmpty()) {
            return -1;
        }
        return Math.max(
                0, given.getAsLong() - seconds("resources_used.walltime").orElse(0));
    }

    /** Of {@code n1/0*16+n2/0*16}, {@code n1/0+n1/1+n2/0} or {@code n1/0-15+n2/0-15}: n1 and n2. */
    private List<String> nodes() {
        return Arrays.stream(text("exec_host").split("\\+", -1))
                .map(part -> part.split("/", -1)[0].strip())
                .filter(name -> !name.isEmpty())
                .distinct()
                .toList();
    }

    /** Both count tries, of which not each came as far as our script. */
    private OptionalLong starts() {
        return number(dialect == PbsDialect.PRO ? "run_count" : "start_count");
    }

    /** One that waits anew, or was ended while it did, is on no node: all its starts were earlier ones. */
    private int restarts() {
        int present = nodes().isEmpty() || WAITING.contains(text("job_state")) ? 0 : 1;
        return starts().isPresent() ? (int) starts().getAsLong() - present : -1;
    }

    private String text(String name) {
        return attributes.getOrDefault(name, "");
    }

    private OptionalLong number(String name) {
        String digits = text(name).strip();
        return digits.matches("-?[0-9]{1,12}") ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
    }

    /** A time as {@code 26:10:00}, {@code 10:00} or in seconds; empty where it is none, or none that ends. */
    private OptionalLong seconds(String name) {
        String time = text(name).strip();
        if (!time.matches("[0-9]{1,9}(:[0-9]{1,9}){0,2}")) {
            return OptionalLong.empty();
        }
        long sum = 0;
        for (String part : time.split(":", -1)) {
            sum = sum * 60 + Long.parseLong(part);
        }
        return OptionalLong.of(sum);
    }
}
