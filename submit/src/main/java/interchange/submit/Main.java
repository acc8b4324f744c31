package interchange.submit;

import interchange.submit.launch.CacheMaker;
import interchange.submit.output.Console;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The command {@code interchange}. */
public final class Main {
    private static final int BUFFER_BYTES = 1 << 16;

    private Main() {}

    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        Console console =
                new Console(stream(FileDescriptor.out), stream(FileDescriptor.err), false, isTerminal(environment));
        Session session = new Session(environment, Path.of(System.getProperty("user.dir", ".")), System.in, console);
        int exitCode = new Cli(session).execute(arguments);
        console.out().flush();
        console.err().flush();
        CacheMaker.makeInBackground(session);
        System.exit(exitCode);
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), BUFFER_BYTES),
                false,
                StandardCharsets.UTF_8);
    }

    /** By the descriptor alone: System.console() wants standard input to be a terminal too, and takes its time. */
    private static boolean isTerminal(Map<String, String> environment) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            boolean terminal = file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
            return terminal && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        } catch (IOException e) {
            return false;
        }
    }
}
