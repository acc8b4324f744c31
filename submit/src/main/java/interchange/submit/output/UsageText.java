package interchange.submit.output;

import interchange.proto.control.LabelUsage;
import interchange.proto.control.Spread;
import interchange.proto.control.UsageResponse;
import java.util.List;
import java.util.Set;

/** What jobs took against what they asked for, as a table; and as settings of BPS that would have been enough. */
public final class UsageText {
    /** Above the most that was seen: memory is looked at once a second, and the next run has other data. */
    private static final int MEMORY_PERCENT = 120;

    private static final long MEMORY_STEP_MIB = 256;
    private static final long MEMORY_LEAST_MIB = 512;
    private static final int WALLTIME_PERCENT = 150;
    private static final long WALLTIME_STEP_MINUTES = 10;
    private static final long MILLIS_PER_MINUTE = 60_000;
    /** Have sections of their own in BPS. */
    private static final Set<String> ROOT_SECTIONS =
            Set.of("finalJob", "buildQuantumGraph", "preparePayloadWorkflow", "customJob");

    private UsageText() {}

    public static void print(UsageResponse usage, Console console) {
        console.line("Run " + usage.getRun() + " " + usage.getName());
        console.line(
                "Of attempts that succeeded: half, 95 of a hundred, the most. Asked: the most of any job; over: so many took"
                        + " more memory than they had asked for.");
        console.line("");
        Table table = new Table(
                "LABEL", "JOBS", "RETRIES", "WARM", "LOST", "WALL", "95%", "MOST", "ASKED", "CPU", "95%", "MOST",
                "CPUS", "MIB", "95%", "MOST", "ASKED", "OVER", "RAISED");
        for (LabelUsage label : usage.getLabelsList()) {
            Spread wall = label.getWallMillis();
            Spread cpu = label.getCpuMillis();
            Spread memory = label.getPeakMemoryMib();
            table.row(
                    label.getLabel(),
                    label.getJobs(),
                    label.getRetries(),
                    label.getWarm(),
                    Words.duration(label.getLostMillis() / 1000),
                    time(wall, wall.getMedian()),
                    time(wall, wall.getPercentile95()),
                    time(wall, wall.getMaximum()),
                    label.getWalltimeSeconds() > 0 ? Words.duration(label.getWalltimeSeconds()) : "-",
                    time(cpu, cpu.getMedian()),
                    time(cpu, cpu.getPercentile95()),
                    time(cpu, cpu.getMaximum()),
                    label.getCpus(),
                    some(memory.getMedian()),
                    some(memory.getPercentile95()),
                    some(memory.getMaximum()),
                    some(label.getMemoryMib()),
                    some(label.getOverMemory()),
                    some(label.getRaisedMemoryMib()));
        }
        table.print(console);
    }

    private static String time(Spread of, long millis) {
        if (of.getCount() == 0) {
            return "-";
        }
        return millis < 10_000
                ? String.format(java.util.Locale.ROOT, "%.1fs", millis / 1e3)
                : Words.duration(millis / 1000);
    }

    private static Object some(long number) {
        return number > 0 ? number : "-";
    }

    /** A part of a BPS configuration. A time only for those that asked for one: too little of it ends a job. */
    public static void printYaml(UsageResponse usage, Console console) {
        console.line("# From run " + usage.getRun() + " " + usage.getName()
                + ". requestMemory: the most that was seen and a fifth,");
        console.line("# rounded up to " + MEMORY_STEP_MIB
                + " MiB; requestWalltime (minutes): the longest and a half, rounded up to " + WALLTIME_STEP_MINUTES
                + ".");
        console.line("# Move what is a cluster there below 'cluster:'.");
        List<LabelUsage> tasks = usage.getLabelsList().stream()
                .filter(label -> !ROOT_SECTIONS.contains(label.getLabel()))
                .toList();
        console.line(tasks.stream().anyMatch(UsageText::isKnown) ? "pipetask:" : "pipetask: {}");
        for (LabelUsage label : tasks) {
            // An empty section would hide what others say of the label.
            console.line("  " + (isKnown(label) ? "" : "# ") + key(label.getLabel()) + ":"
                    + (isKnown(label) ? "" : " no measured success"));
            printSettings(label, "    ", console);
        }
        for (LabelUsage label : usage.getLabelsList()) {
            if (ROOT_SECTIONS.contains(label.getLabel()) && isKnown(label)) {
                console.line(label.getLabel() + ":");
                printSettings(label, "  ", console);
            }
        }
    }

    private static boolean isKnown(LabelUsage label) {
        return label.getPeakMemoryMib().getCount() > 0 || wantsWalltime(label);
    }

    private static boolean wantsWalltime(LabelUsage label) {
        return label.getWalltimeSeconds() > 0 && label.getWallMillis().getCount() > 0;
    }

    private static void printSettings(LabelUsage label, String indent, Console console) {
        Spread memory = label.getPeakMemoryMib();
        if (memory.getCount() > 0) {
            console.line(indent + "requestMemory: " + memoryFor(memory.getMaximum())
                    + (label.getMemoryMib() > 0 ? "  # was " + label.getMemoryMib() : ""));
        }
        if (wantsWalltime(label)) {
            console.line(indent + "requestWalltime: "
                    + minutesFor(label.getWallMillis().getMaximum()) + "  # was "
                    + (label.getWalltimeSeconds() + 59) / 60);
        }
    }

    static long memoryFor(long mostMiB) {
        return Math.max(MEMORY_LEAST_MIB, roundedUp(mostMiB * MEMORY_PERCENT, 100 * MEMORY_STEP_MIB) * MEMORY_STEP_MIB);
    }

    static long minutesFor(long mostMillis) {
        long step = WALLTIME_STEP_MINUTES;
        return Math.max(1, roundedUp(mostMillis * WALLTIME_PERCENT, 100 * MILLIS_PER_MINUTE * step)) * step;
    }

    private static long roundedUp(long number, long divisor) {
        return (number + divisor - 1) / divisor;
    }

    /** As it is, where YAML would read it as nothing else. */
    private static String key(String label) {
        boolean plain =
                label.matches("[A-Za-z_][A-Za-z0-9_-]*") && !label.matches("(?i)y|n|yes|no|on|off|true|false|null");
        return plain ? label : "\"" + label.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
