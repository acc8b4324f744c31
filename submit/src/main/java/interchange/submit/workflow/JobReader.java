package interchange.submit.workflow;

import interchange.proto.workflow.Job;
import interchange.shared.Walltimes;
import interchange.submit.output.NearestWord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.function.LongConsumer;
import org.yaml.snakeyaml.events.ScalarEvent;

/** Reads one job, or the defaults of all. */
final class JobReader {
    private static final List<String> KEYS_OF_DEFAULTS = WorkflowKeys.names(WorkflowKeys.OF_JOB_AND_DEFAULTS);
    private static final List<String> KEYS = WorkflowKeys.namesOfJob();
    private static final int EXIT_CODE_MAX = 255;

    private final YamlCursor cursor;
    private final Problems problems;
    private final FileReader files;
    private Job defaults = Job.newBuilder().setLabel("job").build();

    JobReader(YamlCursor cursor) {
        this.cursor = cursor;
        this.problems = cursor.problems();
        this.files = new FileReader(cursor);
    }

    /** Reads what holds for all jobs that follow. */
    void readDefaults() {
        Job.Builder read = defaults.toBuilder();
        cursor.mapping("defaults", (key, line) -> {
            if (KEYS_OF_DEFAULTS.contains(key)) {
                readValue(read, key, line);
            } else {
                unknown(line, "defaults", key, KEYS_OF_DEFAULTS);
            }
        });
        defaults = read.build();
    }

    Job readJob() {
        Job.Builder job = defaults.toBuilder();
        cursor.peek();
        int[] line = {0};
        cursor.mapping("a job", (key, keyLine) -> {
            line[0] = line[0] == 0 ? keyLine : line[0];
            if (KEYS.contains(key)) {
                readValue(job, key, keyLine);
            } else {
                unknown(keyLine, "a job", key, KEYS);
            }
        });
        check(job, line[0] == 0 ? cursor.line() : line[0]);
        return job.build();
    }

    private void unknown(int line, String where, String key, List<String> known) {
        problems.add(line, NearestWord.complaint("key of " + where, key, known));
        cursor.skip();
    }

    private void check(Job.Builder job, int line) {
        String name = job.getName().isEmpty() ? "this job" : "job '" + job.getName() + "'";
        if (job.getName().isEmpty()) {
            problems.add(line, "a job has no name: give it one by 'name:'");
        }
        boolean command = !job.getCommand().isEmpty();
        boolean argv = job.getArgvCount() > 0;
        if (command && argv) {
            problems.add(line, name + " has both 'command' (for the shell) and 'argv': keep one");
        } else if (!command && !argv) {
            problems.add(line, name + " has nothing to run: give it a 'command' (for the shell) or an 'argv'");
        }
    }

    private void readValue(Job.Builder job, String key, int line) {
        switch (key) {
            case "name" -> text(key).ifPresent(job::setName);
            case "label" -> text(key).ifPresent(job::setLabel);
            case "needs" -> job.addAllNeeds(cursor.texts("'needs'"));
            case "command" -> text(key).ifPresent(job::setCommand);
            case "argv" ->
                cursor.sequence("'argv'", () -> text("an item of 'argv'").ifPresent(job::addArgv));
            case "inputs" -> files.readInputs(job);
            case "outputs" -> files.readOutputs(job);
            case "directory" -> text(key).ifPresent(job::setDirectory);
            case "stdout" -> text(key).ifPresent(job::setStdout);
            case "stderr" -> text(key).ifPresent(job::setStderr);
            case "cpus" -> integer(key, 1, 100_000, job::setCpus);
            case "memory" -> number(key, 1, 1L << 40, "MiB as a whole number", job::setMemoryMib);
            case "memoryMax" -> number(key, 1, 1L << 40, "MiB as a whole number", job::setMemoryMaxMib);
            case "memoryMultiplier" -> multiplier(job);
            case "disk" -> number(key, 0, 1L << 40, "MiB as a whole number", job::setDiskMib);
            case "walltime" -> walltime(job);
            case "priority" -> integer(key, -1_000_000_000, 1_000_000_000, job::setPriority);
            case "retries" -> integer(key, 0, 1_000, job::setRetries);
            case "retryUnlessExit" -> retryUnlessExit(job);
            case "environment" -> environment(job);
            case "site" -> text(key).ifPresent(job::setSite);
            case "concurrencyLimit" -> text(key).ifPresent(job::setConcurrencyLimit);
            case "final" -> truth(key, job);
            default -> throw new IllegalStateException("key '" + key + "' in line " + line + " is listed but not read");
        }
    }

    private Optional<String> text(String key) {
        return cursor.text(key.startsWith("an ") ? key : "'" + key + "'");
    }

    private void integer(String key, int least, int most, IntConsumer use) {
        number(key, least, most, "a whole number", value -> use.accept((int) value));
    }

    private void number(String key, long least, long most, String allowed, LongConsumer use) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return;
        }
        try {
            long value = Long.parseLong(text.get());
            if (value >= least && value <= most) {
                use.accept(value);
                return;
            }
        } catch (NumberFormatException e) {
            // Said below, as for a number out of range.
        }
        problems.add(
                cursor.line(),
                "'" + key + "' is '" + text.get() + "', but must be " + allowed + " from " + least + " to " + most);
    }

    private void multiplier(Job.Builder job) {
        text("memoryMultiplier").ifPresent(text -> {
            try {
                double value = Double.parseDouble(text);
                if (value >= 1 && value <= 1000) {
                    job.setMemoryMultiplier(value);
                    return;
                }
            } catch (NumberFormatException e) {
                // Said below.
            }
            problems.add(cursor.line(), "'memoryMultiplier' is '" + text + "', but must be a number from 1 to 1000");
        });
    }

    private void walltime(Job.Builder job) {
        text("walltime").ifPresent(text -> {
            Optional<Duration> walltime = Walltimes.read(text);
            if (walltime.isPresent()) {
                job.setWalltimeSeconds(walltime.get().toSeconds());
            } else {
                problems.add(cursor.line(), "'walltime' is '" + text + "', but must be " + Walltimes.ALLOWED);
            }
        });
    }

    private void retryUnlessExit(Job.Builder job) {
        job.clearRetryUnlessExit();
        if (cursor.peek() instanceof ScalarEvent) {
            integer("retryUnlessExit", 0, EXIT_CODE_MAX, job::addRetryUnlessExit);
        } else {
            cursor.sequence(
                    "'retryUnlessExit'", () -> integer("retryUnlessExit", 0, EXIT_CODE_MAX, job::addRetryUnlessExit));
        }
    }

    /** A name without a value takes the variable away. */
    private void environment(Job.Builder job) {
        cursor.mapping("'environment'", (name, line) -> {
            if (name.isEmpty() || name.contains("=")) {
                problems.add(line, "'" + name + "' can't be the name of a variable");
                cursor.skip();
            } else if (cursor.peek() instanceof ScalarEvent scalar
                    && scalar.isPlain()
                    && PlainScalar.isNull(scalar.getValue())) {
                cursor.next();
                job.removeEnvironment(name).addUnsetEnvironment(name);
            } else {
                text(name).ifPresent(value -> job.putEnvironment(name, value));
            }
        });
    }

    private void truth(String key, Job.Builder job) {
        text(key).ifPresent(text -> {
            if (PlainScalar.value(text).hasBoolValue()) {
                job.setFinal(PlainScalar.value(text).getBoolValue());
            } else {
                problems.add(cursor.line(), "'" + key + "' is '" + text + "', but must be true or false");
            }
        });
    }
}
