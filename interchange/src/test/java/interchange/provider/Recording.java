package interchange.provider;

import interchange.provider.Answer.Fate;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Answers of real batch systems, as files: the command, its exit code, stderr and stdout. */
final class Recording {
    private static final String STDERR = "--- stderr\n";
    private static final String STDOUT = "--- stdout\n";

    private Recording() {}

    /** @param name such as {@code pbs/running} */
    static Answer of(String name) {
        String text = text(name + ".txt");
        int exit = Integer.parseInt(text.lines().skip(1).findFirst().orElse("").replace("exit ", ""));
        int stderr = text.indexOf(STDERR);
        int stdout = text.indexOf(STDOUT, stderr);
        return new Answer(
                exit,
                text.substring(stdout + STDOUT.length()),
                text.substring(stderr + STDERR.length(), stdout),
                Fate.ENDED);
    }

    /** Decoded as what a command prints is. */
    static String text(String file) {
        try (InputStream bytes = Recording.class.getResourceAsStream(file)) {
            if (bytes == null) {
                throw new IllegalArgumentException("there is no recording " + file);
            }
            return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
