package interchange.submit.command;

import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.launch.DaemonLauncher;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code start}: the daemon, detached or in the foreground. */
@Command(
        name = "start",
        description = {
            "Start the daemon of this user ($INTERCHANGE_HOME, default ~/.interchange), detached, and wait until it"
                    + " answers. It is started again when it ends by accident. Does nothing where one runs.",
            "Commands that need a daemon start one by themselves, unless autostart is false in its config.yaml or"
                    + " INTERCHANGE_AUTOSTART=0."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange start",
            "  interchange start --foreground     for a service manager; no supervisor, log on standard error",
            "  interchange start --takeover       the daemon's host is gone, and it ran there"
        })
public final class StartCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(names = "--foreground", description = "Stay, and end with the daemon's exit code.")
    boolean foreground;

    @Option(names = "--takeover", description = "From a daemon on another host that has been silent for 60 s.")
    boolean takeover;

    @Override
    public int run(Session session) throws CommandException, IOException, InterruptedException {
        List<String> arguments = takeover ? List.of("--takeover") : List.of();
        if (foreground) {
            return runHere(session, arguments);
        }
        DaemonText.printLine(session.daemon().start(arguments), session.console());
        return 0;
    }

    private static int runHere(Session session, List<String> arguments)
            throws CommandException, IOException, InterruptedException {
        session.home().create();
        DaemonLauncher launcher = new DaemonLauncher(session.home(), session.environment());
        ProcessBuilder builder = new ProcessBuilder(launcher.command(arguments)).inheritIO();
        builder.environment().clear();
        builder.environment().putAll(launcher.daemonEnvironment());
        Process daemon = builder.start();
        // A service manager ends us, and means the daemon.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> endWithUs(daemon), "daemon-end"));
        return daemon.waitFor();
    }

    private static void endWithUs(Process daemon) {
        daemon.destroy();
        daemon.onExit().join();
    }
}
