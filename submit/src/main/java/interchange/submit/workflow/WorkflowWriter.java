package interchange.submit.workflow;

import com.google.gson.stream.JsonWriter;
import interchange.proto.workflow.Header;
import interchange.proto.workflow.Job;
import interchange.proto.workflow.Line;
import interchange.proto.workflow.Trailer;
import interchange.submit.output.JsonText;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes a workflow file: header, jobs, and a trailer that says how many. Closing it is not finishing it. */
public final class WorkflowWriter implements AutoCloseable {
    private static final int BUFFER_CHARACTERS = 1 << 16;

    private final Writer text;
    private final String site;
    private long jobs;

    /**
     * Writes a new file.
     *
     * @param site in place of the header's; empty: none
     */
    public WorkflowWriter(Path file, String site) throws IOException {
        this.site = site;
        this.text = create(file);
    }

    /** Makes a file for its owner alone: environments of jobs may hold what others must not see. */
    static Writer create(Path file) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return new BufferedWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), BUFFER_CHARACTERS);
    }

    public long jobs() {
        return jobs;
    }

    void header(Header header) throws IOException {
        write(Line.newBuilder()
                .setHeader(
                        site.isEmpty()
                                ? header
                                : header.toBuilder().setSite(site).build()));
    }

    void job(Job job) throws IOException {
        jobs++;
        write(Line.newBuilder().setJob(job));
    }

    /** The last line, without which the file counts as truncated. */
    public void finish() throws IOException {
        write(Line.newBuilder().setTrailer(Trailer.newBuilder().setJobs(jobs)));
    }

    private void write(Line.Builder line) throws IOException {
        // A new writer for each line, since each line is a document.
        JsonWriter json = JsonText.writer(text);
        JsonText.write(json, line, JsonText.Defaults.OMITTED);
        text.write('\n');
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
