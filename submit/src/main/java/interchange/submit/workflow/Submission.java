package interchange.submit.workflow;

import interchange.proto.workflow.Header;
import interchange.shared.Reasons;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A workflow file that is ready for the daemon.
 *
 * @param named what the user called it: a path, or - for standard input
 * @param workflow the file
 * @param made the directory that was made for it, to be removed when the daemon refuses it; empty when the file is the
 *     user's
 */
public record Submission(String named, Path workflow, Optional<Path> made) {
    /** In the directory of the submission. */
    private static final String DIRECTORY = ".interchange";

    private static final String FILE = "workflow.jsonl";
    private static final int FORMAT = 1;
    private static final int UUID_CHARACTERS = 8;
    private static final int NAME_CHARACTERS_MAX = 60;
    private static final int LOOK_AHEAD_CHARACTERS = 4096;
    private static final Pattern JSON_LINES = Pattern.compile("\\A\\s*\\{\\s*\"header\"\\s*:");

    /**
     * Finds out what was given, and converts it if need be.
     *
     * @param named a path, or - for standard input
     * @param site in place of the workflow's own; empty: none
     */
    public static Submission prepare(String named, String site, Session session) throws CommandException {
        Form form = Form.of(named);
        try (BufferedReader text = open(named, session)) {
            if (form == Form.YAML || (form == Form.EITHER && !beginsAsJsonLines(text))) {
                return converted(named, text, site, session);
            }
            if (!site.isEmpty()) {
                throw new CommandException(
                        Kind.USER, "--site does not go with a workflow in JSON lines: its header says the site");
            }
            return named.equals("-")
                    ? copied(text, session)
                    : new Submission(named, session.resolve(named), Optional.empty());
        } catch (NoSuchFileException e) {
            throw new CommandException(Kind.USER, "there is no workflow file " + session.resolve(named));
        } catch (MalformedInputException e) {
            throw new CommandException(Kind.USER, shown(named) + " is not text in UTF-8");
        } catch (IOException e) {
            throw new CommandException(Kind.USER, shown(named) + " can't be read or converted: " + Reasons.of(e));
        }
    }

    /** The daemon speaks of lines of the file that was made here, which is gone: the user has another. */
    public String inTheUsersWords(String message) {
        String place = workflow + ":";
        if (made.isEmpty() || !message.startsWith(place)) {
            return message;
        }
        return shown(named) + ":" + message.substring(place.length()).replaceFirst("^\\d+:", "");
    }

    /** Removes what was made here. */
    public void discard() throws IOException {
        if (made.isPresent()) {
            Files.deleteIfExists(workflow);
            Files.deleteIfExists(made.get());
            // Only when empty: other submissions of this directory live beside it.
            Path parent = made.get().getParent();
            if (parent != null && isEmpty(parent)) {
                Files.deleteIfExists(parent);
            }
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    private static BufferedReader open(String named, Session session) throws IOException {
        return named.equals("-")
                ? new BufferedReader(new InputStreamReader(session.in(), StandardCharsets.UTF_8.newDecoder()))
                : Files.newBufferedReader(session.resolve(named));
    }

    /** What a file holds, by its name. */
    private enum Form {
        YAML,
        JSON_LINES,
        EITHER;

        static Form of(String named) throws CommandException {
            String lower = named.toLowerCase(Locale.ROOT);
            if (named.equals("-")) {
                return EITHER;
            }
            if (lower.endsWith(".yaml") || lower.endsWith(".yml")) {
                return YAML;
            }
            if (lower.endsWith(".jsonl")) {
                return JSON_LINES;
            }
            throw new CommandException(
                    Kind.USER,
                    named + " is of no kind known here: a workflow is .yaml, .yml or .jsonl, or - for standard input");
        }
    }

    private static boolean beginsAsJsonLines(BufferedReader text) throws IOException {
        text.mark(LOOK_AHEAD_CHARACTERS);
        char[] ahead = new char[LOOK_AHEAD_CHARACTERS];
        int length = text.read(ahead);
        text.reset();
        return JSON_LINES.matcher(new String(ahead, 0, Math.max(0, length))).find();
    }

    private static Submission converted(String named, BufferedReader text, String site, Session session)
            throws CommandException, IOException {
        UUID id = UUID.randomUUID();
        Header start = Header.newBuilder()
                .setFormat(FORMAT)
                .setSubmission(id.toString())
                .setName(defaultName(named))
                .setSubmitDirectory(
                        session.directory().toAbsolutePath().normalize().toString())
                .putAttributes("operator", session.environment().getOrDefault("USER", System.getProperty("user.name")))
                .build();
        Path made = makeDirectory(session.directory(), id.toString());
        Submission submission = new Submission(named, made.resolve(FILE), Optional.of(made));
        boolean done = false;
        try (WorkflowWriter out = new WorkflowWriter(submission.workflow, site)) {
            Header header = YamlWorkflow.convert(shown(named), text, start, out);
            out.finish();
            Submission renamed = submission.renamed(header, id);
            done = true;
            return renamed;
        } finally {
            if (!done) {
                submission.discard();
            }
        }
    }

    /** Gives the directory the name of the workflow, which is only known now. */
    private Submission renamed(Header header, UUID id) throws IOException {
        Path from = made.orElseThrow();
        Path to = from.resolveSibling(
                fileName(header.getName()) + "-" + id.toString().substring(0, UUID_CHARACTERS));
        Files.move(from, to);
        return new Submission(named, to.resolve(FILE), Optional.of(to));
    }

    private static Submission copied(BufferedReader text, Session session) throws CommandException, IOException {
        Path made = makeDirectory(
                session.directory(), "stdin-" + UUID.randomUUID().toString().substring(0, UUID_CHARACTERS));
        Submission submission = new Submission("-", made.resolve(FILE), Optional.of(made));
        boolean done = false;
        try (Writer out = WorkflowWriter.create(submission.workflow)) {
            text.transferTo(out);
            done = true;
            return submission;
        } finally {
            if (!done) {
                submission.discard();
            }
        }
    }

    private static Path makeDirectory(Path submitDirectory, String name) throws CommandException {
        Path directory = submitDirectory.resolve(DIRECTORY).resolve(name);
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new CommandException(
                    Kind.USER,
                    "the directory " + submitDirectory + " can't be written (" + Reasons.of(e)
                            + "): jobs run there, so submit from one that can");
        }
    }

    private static String shown(String named) {
        return named.equals("-") ? "standard input" : named;
    }

    private static String defaultName(String named) {
        Path file = Path.of(named).getFileName();
        String name = file == null || named.equals("-") ? "workflow" : file.toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static String fileName(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return plain.substring(0, Math.min(NAME_CHARACTERS_MAX, plain.length()));
    }
}
