package interchange.workflow;

import interchange.core.LimitName;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** What must be true of a job by itself, whatever the others and its site are. */
final class JobChecks {
    private static final int NAME_MAX = 1_000;
    /** With ".stdout" and a number of an attempt it is a file's name, which has 255 bytes at most. */
    private static final int FILE_NAME_MAX = 240;

    /** What Linux takes as one argument (MAX_ARG_STRLEN), less the final NUL. */
    private static final int ARGUMENT_BYTES_MAX = 131_071;

    private static final int CPUS_MAX = 100_000;
    private static final int RETRIES_MAX = 1_000;
    private static final double MULTIPLIER_MAX = 100;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final Problems problems;

    JobChecks(Problems problems) {
        this.problems = problems;
    }

    void check(long line, JobLine job) {
        checkName(line, job);
        if (job.isNoop()) {
            checkNoop(line, job);
        } else {
            checkCommand(line, job);
        }
        if (job.last && !job.brings.isEmpty()) {
            problems.addToJob(line, job.name, "is final and brings a workflow, which would come too late");
        }
        checkFiles(line, job);
        checkNumbers(line, job);
        checkTexts(line, job);
        checkEnvironment(line, job);
    }

    private void checkName(long line, JobLine job) {
        if (job.name.isEmpty()) {
            problems.add(line, "a job has no name");
            return;
        }
        if (job.name.length() > NAME_MAX || hasControl(job.name)) {
            problems.add(
                    line,
                    "a job's name has control characters, or more than " + NAME_MAX + " characters: '"
                            + CONTROL.matcher(job.name.substring(0, Math.min(60, job.name.length())))
                                    .replaceAll("?") + "'");
            return;
        }
        boolean namesFiles = !job.isNoop() && (job.stdout.isEmpty() || job.stderr.isEmpty());
        if (namesFiles && (job.name.contains("/") || job.name.startsWith(".") || job.name.length() > FILE_NAME_MAX)) {
            problems.addToJob(
                    line,
                    job.name,
                    "its name can't be a file's (it has '/', begins with '.', or is longer than " + FILE_NAME_MAX
                            + "), so it needs stdout and stderr of its own");
        }
        if (job.label.contains(":") || job.label.contains(";") || hasControl(job.label)) {
            problems.addToJob(
                    line,
                    job.name,
                    "its label '" + CONTROL.matcher(job.label).replaceAll("?")
                            + "' has a ':', ';' or control character, which reports can't show");
        }
    }

    /** A loop, because it runs twice for each of a million jobs. */
    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private void checkCommand(long line, JobLine job) {
        boolean command = !job.command.isBlank();
        boolean argv = !job.argv.isEmpty();
        if (command == argv) {
            problems.addToJob(
                    line,
                    job.name,
                    command
                            ? "has both a command and an argv; it needs one of them"
                            : "has neither a command nor an argv; it needs one of them");
        } else if (argv && job.argv.getFirst().isEmpty()) {
            problems.addToJob(line, job.name, "its argv begins with an empty text, which is no program");
        }
        checkArgument(line, job, job.command);
        for (String argument : job.argv) {
            checkArgument(line, job, argument);
        }
    }

    private void checkNoop(long line, JobLine job) {
        boolean commanded = !job.command.isBlank() || !job.argv.isEmpty() || !job.brings.isEmpty();
        if (commanded || !job.files.isEmpty()) {
            problems.addToJob(line, job.name, "is a " + job.kind + ", but has a command, files or something to bring");
        }
    }

    /** They lie beside one another in the job's directory, and outputs must not be taken for one another either. */
    private void checkFiles(long line, JobLine job) {
        Set<String> names = new HashSet<>();
        for (JobLine.FileEntry file : job.files) {
            String name = fileName(file);
            checkNoNul(line, job, "files", file.path + name);
            if (file.path.isBlank()) {
                problems.addToJob(line, job.name, "one of its files has no path");
            } else if (name.isEmpty() || name.contains("/") || name.equals(".") || name.equals("..")) {
                problems.addToJob(
                        line, job.name, "its file " + file.path + " has the name '" + name + "', which is no file's");
            } else if (!names.add((file.output ? "output " : "input ") + name)) {
                problems.addToJob(line, job.name, "two of its files would be '" + name + "' in its directory");
            }
        }
    }

    /** In the job's directory. */
    static String fileName(JobLine.FileEntry file) {
        return file.name.isEmpty() ? file.path.substring(file.path.lastIndexOf('/') + 1) : file.name;
    }

    private void checkArgument(long line, JobLine job, String argument) {
        checkNoNul(line, job, argument.length() > 40 ? argument.substring(0, 40) + "..." : argument, argument);
        // No character takes more than three bytes each char.
        if (argument.length() > ARGUMENT_BYTES_MAX / 3
                && argument.getBytes(java.nio.charset.StandardCharsets.UTF_8).length > ARGUMENT_BYTES_MAX) {
            problems.addToJob(
                    line,
                    job.name,
                    "its command has a part of more than " + ARGUMENT_BYTES_MAX
                            + " bytes, which Linux can't start; put it into a file");
        }
    }

    private void checkNumbers(long line, JobLine job) {
        checkRange(line, job, "cpus", job.cpus, 0, CPUS_MAX);
        checkRange(line, job, "memory (MiB)", job.memoryMiB, 0, Integer.MAX_VALUE);
        checkRange(line, job, "largest memory (MiB)", job.memoryMaxMiB, 0, Integer.MAX_VALUE);
        checkRange(line, job, "walltime (s)", job.walltimeSeconds, 0, Integer.MAX_VALUE);
        checkRange(line, job, "priority", job.priority, Integer.MIN_VALUE, Integer.MAX_VALUE);
        checkRange(line, job, "disk (MiB)", job.diskMiB, 0, Integer.MAX_VALUE);
        checkRange(line, job, "abort_on_exit", job.abortOnExit, JobLine.NOT_GIVEN, 255);
        checkRange(line, job, "abort_return", job.abortReturn, 0, 255);
        checkRange(line, job, "retries", job.retries, JobLine.NOT_GIVEN, RETRIES_MAX);
        for (int exit : job.retryUnlessExit) {
            checkRange(line, job, "exit code in retry_unless_exit", exit, 0, 255);
        }
        if (!(job.memoryMultiplier >= 0 && job.memoryMultiplier <= MULTIPLIER_MAX)) {
            problems.addToJob(
                    line,
                    job.name,
                    "memory_multiplier is " + job.memoryMultiplier + "; allowed: 0 to " + (int) MULTIPLIER_MAX);
        }
        if (job.memoryMaxMiB > 0 && job.memoryMaxMiB < job.memoryMiB) {
            problems.addToJob(
                    line,
                    job.name,
                    "its largest memory, " + job.memoryMaxMiB + " MiB, is less than its memory, " + job.memoryMiB
                            + " MiB");
        }
    }

    private void checkRange(long line, JobLine job, String what, long value, long least, long most) {
        if (value < least || value > most) {
            problems.addToJob(
                    line, job.name, what + " is " + value + "; allowed: " + Math.max(0, least) + " to " + most);
        }
    }

    private void checkTexts(long line, JobLine job) {
        checkNoNul(line, job, "directory", job.directory);
        checkNoNul(line, job, "stdout", job.stdout);
        checkNoNul(line, job, "stderr", job.stderr);
        checkNoNul(line, job, "concurrency_limit", job.concurrencyLimit);
        checkNoNul(line, job, "brings", job.brings);
        checkLimit(line, job);
        if (job.needs.contains(job.name)) {
            problems.addToJob(line, job.name, "needs itself");
        }
    }

    private void checkLimit(long line, JobLine job) {
        try {
            LimitName.parse(job.concurrencyLimit);
        } catch (IllegalArgumentException e) {
            problems.addToJob(line, job.name, "its concurrency_limit is wrong: " + e.getMessage());
        }
    }

    private void checkEnvironment(long line, JobLine job) {
        job.environment.forEach((name, value) -> {
            checkVariable(line, job, name);
            checkNoNul(line, job, name, value);
        });
        job.unsetEnvironment.forEach(name -> checkVariable(line, job, name));
    }

    private void checkVariable(long line, JobLine job, String name) {
        if (name.isEmpty() || name.contains("=") || name.indexOf('\0') >= 0) {
            problems.addToJob(line, job.name, "'" + name.replace('\0', '?') + "' can't be a variable's name");
        }
    }

    private void checkNoNul(long line, JobLine job, String what, String text) {
        if (text.indexOf('\0') >= 0) {
            problems.addToJob(
                    line,
                    job.name,
                    "'" + what.replace('\0', '?') + "' has a NUL character, which no file or command can have");
        }
    }
}
