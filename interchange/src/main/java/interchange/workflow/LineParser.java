package interchange.workflow;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;

/**
 * Reads one line of a workflow file straight into fields.
 *
 * <p>It takes what protobuf's JSON mapping takes (both spellings of a name, numbers as text, null for absent), several
 * times as fast, as a million lines need.
 */
final class LineParser {
    /** What a line is. */
    enum Kind {
        HEADER,
        JOB,
        TRAILER
    }

    /** A line that is not what it should be; the message says where in it. */
    static final class BadLineException extends Exception {
        private static final long serialVersionUID = 1L;

        BadLineException(String message) {
            super(message);
        }
    }

    /** In the order of their numbers. */
    private static final List<String> KINDS = List.of(JobLine.COMMAND, JobLine.NOOP, JobLine.JOIN);

    private final JobLine job;
    private long trailerJobs;

    /** @param job filled by each job line */
    LineParser(JobLine job) {
        this.job = job;
    }

    /** How many jobs the trailer says there are. */
    long trailerJobs() {
        return trailerJobs;
    }

    /** Reads a line; of a header only that it is one. */
    Kind parse(String line) throws BadLineException {
        JsonReader in = new JsonReader(new StringReader(line));
        String field = "";
        try {
            in.beginObject();
            if (in.peek() != JsonToken.NAME) {
                throw new BadLineException("is empty; a line is a header, a job or a trailer");
            }
            field = in.nextName();
            Kind kind = kind(field, in);
            if (in.peek() != JsonToken.END_OBJECT) {
                throw new BadLineException("has '" + in.nextName() + "' beside '" + field + "'; a line is one thing");
            }
            in.endObject();
            if (in.peek() != JsonToken.END_DOCUMENT) {
                throw new BadLineException("goes on after its end");
            }
            return kind;
        } catch (MalformedJsonException | EOFException e) {
            throw new BadLineException("is not JSON (at " + in.getPath() + ")");
        } catch (IllegalStateException | NumberFormatException e) {
            throw new BadLineException(wrongType(in, e));
        } catch (IOException e) {
            throw new BadLineException("is not JSON: " + e.getMessage());
        }
    }

    private static String wrongType(JsonReader in, RuntimeException e) {
        String said = String.valueOf(e.getMessage()).replaceAll(" at line .*", "");
        return "has a value of a wrong type at " + in.getPath() + ": " + said;
    }

    private Kind kind(String field, JsonReader in) throws IOException, BadLineException {
        return switch (field) {
            case "header" -> {
                in.skipValue();
                yield Kind.HEADER;
            }
            case "job" -> {
                readJob(in);
                yield Kind.JOB;
            }
            case "trailer" -> {
                readTrailer(in);
                yield Kind.TRAILER;
            }
            default -> throw new BadLineException("has the unknown field '" + field + "'; known: header, job, trailer");
        };
    }

    private void readTrailer(JsonReader in) throws IOException, BadLineException {
        trailerJobs = 0; // as protobuf writes a zero: not at all
        in.beginObject();
        while (in.hasNext()) {
            String name = in.nextName();
            if (!name.equals("jobs")) {
                throw new BadLineException("has the unknown field 'trailer." + name + "'");
            }
            trailerJobs = in.nextLong();
        }
        in.endObject();
    }

    private void readJob(JsonReader in) throws IOException, BadLineException {
        job.clear();
        in.beginObject();
        while (in.hasNext()) {
            String name = in.nextName();
            if (in.peek() == JsonToken.NULL) {
                in.nextNull();
            } else {
                readField(name, in);
            }
        }
        in.endObject();
    }

    private void readField(String name, JsonReader in) throws IOException, BadLineException {
        switch (name) {
            case "name" -> job.name = text(in);
            case "label" -> job.label = text(in);
            case "needs" -> texts(in, job.needs);
            case "command" -> job.command = text(in);
            case "argv" -> texts(in, job.argv);
            case "directory" -> job.directory = text(in);
            case "stdout" -> job.stdout = text(in);
            case "stderr" -> job.stderr = text(in);
            case "cpus" -> job.cpus = in.nextLong();
            case "memoryMib", "memory_mib" -> job.memoryMiB = in.nextLong();
            case "memoryMaxMib", "memory_max_mib" -> job.memoryMaxMiB = in.nextLong();
            case "memoryMultiplier", "memory_multiplier" -> job.memoryMultiplier = in.nextDouble();
            case "walltimeSeconds", "walltime_seconds" -> job.walltimeSeconds = in.nextLong();
            case "priority" -> job.priority = in.nextLong();
            case "retries" -> job.retries = notNegative("retries", in);
            case "retryUnlessExit", "retry_unless_exit" -> numbers(in, job.retryUnlessExit);
            case "environment" -> pairs(in, job.environment);
            case "unsetEnvironment", "unset_environment" -> texts(in, job.unsetEnvironment);
            case "site" -> job.site = text(in);
            case "concurrencyLimit", "concurrency_limit" -> job.concurrencyLimit = text(in);
            case "diskMib", "disk_mib" -> job.diskMiB = in.nextLong();
            case "final" -> job.last = in.nextBoolean();
            case "kind" -> job.kind = kind(in);
            case "abortOnExit", "abort_on_exit" -> job.abortOnExit = notNegative("abortOnExit", in);
            case "abortReturn", "abort_return" -> job.abortReturn = in.nextLong();
            case "brings" -> job.brings = text(in);
            case "files" -> files(in);
            default ->
                throw new BadLineException("has the unknown field 'job." + name + "'"
                        + (job.name.isEmpty() ? "" : " (job '" + job.name + "')"));
        }
    }

    /** Negative ones are refused here, because a negative number stands for "not given". */
    private static long notNegative(String field, JsonReader in) throws IOException, BadLineException {
        long number = in.nextLong();
        if (number < 0) {
            throw new BadLineException("has " + number + " for 'job." + field + "'; allowed: 0 and more");
        }
        return number;
    }

    /** The name of an enum's constant, or its number. */
    private static String kind(JsonReader in) throws IOException, BadLineException {
        if (in.peek() == JsonToken.NUMBER) {
            int number = in.nextInt();
            if (number < 0 || number >= KINDS.size()) {
                throw new BadLineException("has " + number + " for 'job.kind'; known: 0 to " + (KINDS.size() - 1));
            }
            return KINDS.get(number);
        }
        String name = text(in);
        if (!KINDS.contains(name)) {
            throw new BadLineException("has '" + name + "' for 'job.kind'; known: " + String.join(", ", KINDS));
        }
        return name;
    }

    private void files(JsonReader in) throws IOException, BadLineException {
        in.beginArray();
        while (in.hasNext()) {
            JobLine.FileEntry file = new JobLine.FileEntry();
            in.beginObject();
            while (in.hasNext()) {
                String name = in.nextName();
                switch (name) {
                    case "path" -> file.path = text(in);
                    case "name" -> file.name = text(in);
                    case "output" -> file.output = in.nextBoolean();
                    case "executable" -> file.executable = in.nextBoolean();
                    default -> throw new BadLineException("has the unknown field 'job.files." + name + "'");
                }
            }
            in.endObject();
            job.files.add(file);
        }
        in.endArray();
    }

    private static String text(JsonReader in) throws IOException {
        if (in.peek() != JsonToken.STRING) {
            throw new IllegalStateException("Expected a string but was " + in.peek());
        }
        return in.nextString();
    }

    private static void texts(JsonReader in, List<String> into) throws IOException {
        in.beginArray();
        while (in.hasNext()) {
            into.add(text(in));
        }
        in.endArray();
    }

    private static void numbers(JsonReader in, List<Integer> into) throws IOException {
        in.beginArray();
        while (in.hasNext()) {
            into.add(in.nextInt());
        }
        in.endArray();
    }

    private static void pairs(JsonReader in, Map<String, String> into) throws IOException {
        in.beginObject();
        while (in.hasNext()) {
            into.put(in.nextName(), text(in));
        }
        in.endObject();
    }
}
