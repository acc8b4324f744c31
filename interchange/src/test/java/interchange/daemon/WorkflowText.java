package interchange.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Writes workflow files by hand. */
final class WorkflowText {
    private final List<String> jobs = new ArrayList<>();
    private final String submission = UUID.randomUUID().toString();
    private String site = "{\"provider\": \"local\", \"cores\": 4, \"memory\": 4096}";
    private String otherSites = "";

    WorkflowText job(String name, String label, String more) {
        jobs.add("{\"job\": {\"name\": \"" + name + "\", \"label\": \"" + label + "\"" + more + "}}");
        return this;
    }

    WorkflowText site(String section) {
        site = section;
        return this;
    }

    WorkflowText otherSite(String name, String section) {
        otherSites += ", \"" + name + "\": " + section;
        return this;
    }

    Path write(Path directory) throws IOException {
        return write(directory, jobs.size());
    }

    Path write(Path directory, int trailer) throws IOException {
        Files.createDirectories(directory);
        List<String> lines = new ArrayList<>();
        lines.add("{\"header\": {\"format\": 1, \"submission\": \"" + submission
                + "\", \"name\": \"demo\", \"submitDirectory\": \"" + directory
                + "\", \"site\": \"here\", \"sites\": {\"here\": " + site + otherSites + "},"
                + " \"attributes\": {\"operator\": \"ann\"}, \"notes\": [\"a note\"]}}");
        lines.addAll(jobs);
        lines.add("{\"trailer\": {\"jobs\": " + trailer + "}}");
        return Files.write(directory.resolve("workflow.jsonl"), lines);
    }
}
