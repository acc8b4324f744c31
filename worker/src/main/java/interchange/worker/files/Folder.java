package interchange.worker.files;

import java.nio.file.Path;

/**
 * The place of one attempt on the node. What it prints lies beside its directory, not in it: there a file of the same
 * name would be the job's.
 */
public record Folder(Path root, boolean oneLog) {
    /** Where the job runs. */
    public Path work() {
        return root.resolve("work");
    }

    public Path stdout() {
        return root.resolve("stdout");
    }

    public Path stderr() {
        return oneLog ? stdout() : root.resolve("stderr");
    }
}
