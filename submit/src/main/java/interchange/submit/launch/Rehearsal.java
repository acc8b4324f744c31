package interchange.submit.launch;

import interchange.launch.StartupCache;
import interchange.submit.Cli;
import interchange.submit.Home;
import interchange.submit.Main;
import interchange.submit.Session;
import interchange.submit.output.Console;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Does what users do, in one process that records what it loads; run by {@link CacheMaker} alone. */
final class Rehearsal {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final String WORKFLOW = """
            name: rehearsal
            site: {name: here, provider: local, nodesPerBlock: 1, cores: 1, memory: 64}
            defaults: {memory: 16}
            jobs:
              - {name: a, label: first, command: "true", cpus: 1, walltime: 10, environment: {X: "1"}}
              - {name: b, label: second, needs: [a], argv: [/bin/true], retries: 1}
            """;

    private Rehearsal() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> environment = System.getenv();
        awaitDaemon(Home.of(environment));
        // What only the real command line loads.
        loadAll(Main.class, CacheMaker.class, StartupCache.class);
        // As real streams are, but nobody listens; standard error goes to the log of the making.
        PrintStream out = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Console console = new Console(out, System.err, false, false);
        Session session = new Session(
                environment,
                Path.of("").toAbsolutePath(),
                new ByteArrayInputStream(WORKFLOW.getBytes(StandardCharsets.UTF_8)),
                console);
        Cli cli = new Cli(session);
        cli.execute("submit", "--wait", "-");
        for (String command : new String[] {"list", "workers", "blocks", "sites", "ping", "info", "version"}) {
            cli.execute(command);
            cli.execute(command, "--json");
        }
        for (String command : new String[] {"status", "report", "jobs"}) {
            cli.execute(command, "1");
            cli.execute(command, "1", "--json");
        }
        cli.execute("explain", "1", "a");
        cli.execute("logs", "1", "a", "--json");
        cli.execute("check", "/dev/null");
        cli.execute("--help");
        cli.execute("stop", "--now");
        // Not Runtime.halt or a signal: the cache is written by an orderly end.
        System.exit(0);
    }

    private static void loadAll(Class<?>... classes) {
        for (Class<?> one : classes) {
            try {
                Class.forName(one.getName());
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void awaitDaemon(Home home) throws InterruptedException {
        long deadlineNanos = System.nanoTime() + START_LIMIT.toNanos();
        while (!Files.exists(home.clientConnection()) && System.nanoTime() < deadlineNanos) {
            Thread.sleep(50);
        }
    }
}
