package interchange.submit.workflow;

import interchange.proto.workflow.File;
import interchange.proto.workflow.Job;
import interchange.submit.output.NearestWord;
import java.util.List;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.ScalarEvent;

/** Reads the files that travel with a job: paths, or sections where more is to be said than a path. */
final class FileReader {
    private static final List<String> KEYS_OF_INPUT = List.of("path", "name", "executable");
    private static final List<String> KEYS_OF_OUTPUT = List.of("path", "name");

    private final YamlCursor cursor;
    private final Problems problems;

    FileReader(YamlCursor cursor) {
        this.cursor = cursor;
        this.problems = cursor.problems();
    }

    void readInputs(Job.Builder job) {
        readAll(job, "inputs", KEYS_OF_INPUT, false);
    }

    void readOutputs(Job.Builder job) {
        readAll(job, "outputs", KEYS_OF_OUTPUT, true);
    }

    private void readAll(Job.Builder job, String key, List<String> known, boolean output) {
        if (cursor.peek() instanceof ScalarEvent) {
            readOne(job, key, known, output);
        } else {
            cursor.sequence("'" + key + "'", () -> readOne(job, key, known, output));
        }
    }

    private void readOne(Job.Builder job, String key, List<String> known, boolean output) {
        File.Builder file = File.newBuilder().setOutput(output);
        String item = "an item of '" + key + "'";
        if (cursor.peek() instanceof MappingStartEvent) {
            cursor.mapping(item, (name, line) -> {
                if (known.contains(name)) {
                    readValue(file, name);
                } else {
                    problems.add(line, NearestWord.complaint("key of " + item, name, known));
                    cursor.skip();
                }
            });
            if (file.getPath().isEmpty()) {
                problems.add(cursor.line(), item + " has no 'path'");
            }
        } else {
            cursor.text(item).ifPresent(file::setPath);
        }
        job.addFiles(file);
    }

    private void readValue(File.Builder file, String name) {
        cursor.text("'" + name + "'").ifPresent(text -> {
            switch (name) {
                case "path" -> file.setPath(text);
                case "name" -> file.setName(text);
                default -> {
                    if (PlainScalar.value(text).hasBoolValue()) {
                        file.setExecutable(PlainScalar.value(text).getBoolValue());
                    } else {
                        problems.add(cursor.line(), "'executable' is '" + text + "', but must be true or false");
                    }
                }
            }
        });
    }
}
