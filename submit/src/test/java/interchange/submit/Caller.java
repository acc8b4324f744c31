package interchange.submit;

import interchange.submit.output.Console;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Someone who types commands: a home, a directory, an environment, and what was printed. */
public final class Caller {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Map<String, String> environment = new HashMap<>();
    private final Path directory;
    private InputStream in = InputStream.nullInputStream();

    public Caller(Path home, Path directory) {
        this.directory = directory;
        environment.put(Home.VARIABLE, home.toString());
        environment.put("INTERCHANGE_AUTOSTART", "0");
        environment.put("USER", "astra");
    }

    public Caller with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    public Caller typing(String text) {
        return typing(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    public Caller typing(InputStream from) {
        in = from;
        return this;
    }

    public int run(String... arguments) {
        out.reset();
        err.reset();
        return new Cli(session()).execute(arguments);
    }

    public Session session() {
        Console console = new Console(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false);
        return new Session(environment, directory, in, console);
    }

    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
