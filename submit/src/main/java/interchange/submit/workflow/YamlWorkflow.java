package interchange.submit.workflow;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import interchange.proto.workflow.Header;
import interchange.submit.CommandException;
import interchange.submit.output.NearestWord;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.List;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.StreamEndEvent;

/**
 * Reads a YAML workflow and writes it as a workflow file, job by job. Everything about the whole comes before {@code
 * jobs}, because the file that is written begins with it.
 */
public final class YamlWorkflow {
    private static final List<String> KEYS = WorkflowKeys.names(WorkflowKeys.OF_WORKFLOW);

    private final Problems problems;
    private final YamlCursor cursor;
    private final JobReader jobs;
    private final Header.Builder header;
    private boolean jobsRead;

    private YamlWorkflow(String file, Reader text, Header start) {
        this.problems = new Problems(file);
        this.cursor = new YamlCursor(text, problems);
        this.jobs = new JobReader(cursor);
        this.header = start.toBuilder();
    }

    /**
     * Converts a workflow.
     *
     * @param file for messages
     * @param start what is known before the file is read
     * @param out gets header, jobs and trailer; to be thrown away when this fails
     * @return the header as written
     * @throws CommandException with every problem of the file, at most 50
     */
    public static Header convert(String file, Reader text, Header start, WorkflowWriter out)
            throws CommandException, IOException {
        YamlWorkflow workflow = new YamlWorkflow(file, text, start);
        try {
            workflow.read(out);
        } catch (Problems.StopReading stop) {
            // Said by throwIfAny.
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        workflow.problems.throwIfAny();
        return workflow.header.build();
    }

    private void read(WorkflowWriter out) {
        cursor.next();
        if (!(cursor.next() instanceof DocumentStartEvent)) {
            throw problems.fatal(1, "the workflow is empty");
        }
        cursor.mapping("a workflow", (key, line) -> readKey(key, line, out));
        if (!jobsRead) {
            problems.add(cursor.line(), "the workflow has no 'jobs'");
        } else if (out.jobs() == 0) {
            problems.add(cursor.line(), "'jobs' is empty");
        }
        cursor.next();
        if (!(cursor.peek() instanceof StreamEndEvent)) {
            cursor.next();
            problems.add(cursor.line(), "a second document begins here; a file holds one workflow");
        }
    }

    private void readKey(String key, int line, WorkflowWriter out) {
        if (!KEYS.contains(key)) {
            problems.add(line, NearestWord.complaint("key of a workflow", key, KEYS));
            cursor.skip();
        } else if (jobsRead) {
            problems.add(
                    line, "'" + key + "' comes after 'jobs': put it before, since jobs are passed on as they are read");
            cursor.skip();
        } else {
            readHeaderKey(key, line, out);
        }
    }

    private void readHeaderKey(String key, int line, WorkflowWriter out) {
        switch (key) {
            case "name" -> cursor.text("'name'").ifPresent(header::setName);
            case "site" -> readSite(line);
            case "sites" ->
                cursor.mapping(
                        "'sites'",
                        (name, at) -> header.putSites(name, YamlStruct.struct(cursor, "site '" + name + "'")));
            case "attributes" ->
                cursor.mapping(
                        "'attributes'",
                        (name, at) ->
                                cursor.text("'" + name + "'").ifPresent(value -> header.putAttributes(name, value)));
            case "labels" -> header.clearLabels().addAllLabels(cursor.texts("'labels'"));
            case "defaults" -> jobs.readDefaults();
            case "jobs" -> readJobs(out);
            default -> throw new IllegalStateException("key '" + key + "' is listed but not read");
        }
    }

    /** A name, or a section with its name in it. */
    private void readSite(int line) {
        if (!(cursor.peek() instanceof MappingStartEvent)) {
            cursor.text("'site'").ifPresent(header::setSite);
            return;
        }
        Struct section = YamlStruct.struct(cursor, "'site'");
        Value name = section.getFieldsMap().get("name");
        if (name == null || name.getStringValue().isEmpty()) {
            problems.add(line, "the site has no name: add 'name: ...' to it, as reports call it by that");
            return;
        }
        header.setSite(name.getStringValue());
        header.putSites(
                name.getStringValue(), section.toBuilder().removeFields("name").build());
    }

    private void readJobs(WorkflowWriter out) {
        jobsRead = true;
        try {
            out.header(header.build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cursor.sequence("'jobs'", () -> {
            try {
                out.job(jobs.readJob());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
