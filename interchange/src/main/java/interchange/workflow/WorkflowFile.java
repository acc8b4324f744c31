package interchange.workflow;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import interchange.proto.workflow.Header;
import interchange.proto.workflow.Line;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A workflow file: JSON lines of workflow.proto, first the header, then jobs, last the trailer. */
public final class WorkflowFile {
    /** More than a trailer has. */
    private static final int TAIL_BYTES = 200;

    /** The newest version of the format that we know. */
    public static final int FORMAT = 1;

    private WorkflowFile() {}

    /** Reads and checks the header alone. */
    public static Header readHeader(Path file) throws WorkflowException {
        Problems problems = new Problems(file);
        try (LineSource lines = open(file, problems)) {
            return readHeader(lines, problems);
        } catch (IOException e) {
            problems.add(0, "can't be read: " + e.getMessage());
            throw problems.exception();
        }
    }

    /** Whether its last line is a trailer. */
    public static boolean isWhole(Path file) throws IOException {
        try (RandomAccessFile end = new RandomAccessFile(file.toFile(), "r")) {
            byte[] tail = new byte[(int) Math.min(TAIL_BYTES, end.length())];
            end.seek(end.length() - tail.length);
            end.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8).strip();
            return text.substring(text.lastIndexOf('\n') + 1).matches("\\{\\s*\"trailer\".*\\}");
        }
    }

    static LineSource open(Path file, Problems problems) throws WorkflowException, IOException {
        if (Files.isDirectory(file)) {
            problems.add(0, "is a directory, not a workflow file");
            throw problems.exception();
        }
        try {
            return new LineSource(file);
        } catch (NoSuchFileException e) {
            problems.add(0, "there is no such file");
            throw problems.exception();
        }
    }

    /** Without a header that we understand, nothing that follows can be judged: the only problem is thrown at once. */
    static Header readHeader(LineSource lines, Problems problems) throws WorkflowException, IOException {
        Optional<String> line = lines.next();
        if (line.isEmpty()) {
            problems.add(0, "is empty; write it again");
            throw problems.exception();
        }
        Header header = parse(line.get(), problems);
        if (header.getFormat() > FORMAT) {
            problems.add(
                    1,
                    "is of format " + header.getFormat() + ", but this daemon knows formats up to " + FORMAT
                            + "; update interchange and start the daemon again");
            throw problems.exception();
        }
        check(header, problems);
        problems.throwIfAny();
        return header;
    }

    private static Header parse(String text, Problems problems) throws WorkflowException {
        Line.Builder line = Line.newBuilder();
        try {
            JsonFormat.parser().merge(text, line);
        } catch (InvalidProtocolBufferException e) {
            // A newer format may have fields that we don't know: then that is what is to be said.
            Line.Builder lenient = Line.newBuilder();
            try {
                JsonFormat.parser().ignoringUnknownFields().merge(text, lenient);
            } catch (InvalidProtocolBufferException alsoSo) {
                lenient.clear();
            }
            if (lenient.getHeader().getFormat() > FORMAT) {
                return lenient.getHeader();
            }
            problems.add(1, "is no header of a workflow: " + e.getMessage());
            throw problems.exception();
        }
        if (!line.hasHeader()) {
            problems.add(1, "must be the header of a workflow, such as {\"header\": {\"format\": 1, ...}}");
            throw problems.exception();
        }
        return line.getHeader();
    }

    private static void check(Header header, Problems problems) {
        if (header.getFormat() < 1) {
            problems.add(1, "header.format is " + header.getFormat() + "; allowed: 1 to " + FORMAT);
        }
        checkText(header.getSubmission(), "submission", problems);
        checkText(header.getName(), "name", problems);
        checkText(header.getSubmitDirectory(), "submitDirectory", problems);
        if (!header.getSubmitDirectory().startsWith("/")) {
            problems.add(1, "header.submitDirectory is '" + header.getSubmitDirectory() + "', which is not absolute");
        }
    }

    private static void checkText(String text, String field, Problems problems) {
        if (text.isBlank()) {
            problems.add(1, "header." + field + " is missing");
        } else if (text.chars().anyMatch(Character::isISOControl)) {
            problems.add(1, "header." + field + " has control characters");
        }
    }
}
