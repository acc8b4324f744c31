package interchange.daemon;

import interchange.journal.JournalRefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's program.
 *
 * <p>Ends with 0 when it was stopped on purpose, with 3 when it must not start (its supervisor then leaves it), with 1
 * when it should be started again. TERM, from an operator or a machine that shuts down, stops it as {@code interchange
 * stop --keep-blocks} does, but leaves the mark that it is wanted, so that {@code interchange ensure} starts it again.
 */
public final class DaemonMain {
    static final int STOPPED = 0;
    static final int START_AGAIN = 1;
    static final int REFUSED = 3;

    private DaemonMain() {}

    public static void main(String[] arguments) {
        System.exit(start(arguments));
    }

    private static int start(String... arguments) {
        try {
            Options options = Options.parse(arguments);
            Home home = new Home(options.home());
            home.prepare();
            Logging.toFile(home.log());
            return run(home, options);
        } catch (RefusedException | JournalRefusedException e) {
            System.err.println("interchange: " + e.getMessage());
            LoggerFactory.getLogger(DaemonMain.class).error("Not started: {}", e.getMessage());
            return REFUSED;
        }
    }

    private static int run(Home home, Options options) throws RefusedException {
        Logger log = LoggerFactory.getLogger(DaemonMain.class);
        try {
            Daemon daemon = new Wiring(home, System.getenv(), DaemonMain::leaveAtOnce).open(options.takeover());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> onTerm(daemon), "term"));
            daemon.run();
            return STOPPED;
        } catch (RefusedException | JournalRefusedException e) {
            throw e;
        } catch (Exception e) {
            log.error("The daemon ends by a fault, and is to be started again.", e);
            System.err.println("interchange: the daemon ends: " + e);
            return START_AGAIN;
        } finally {
            Logging.close();
        }
    }

    /** The virtual machine would end with 143, and the supervisor start us again. */
    private static void onTerm(Daemon daemon) {
        if (!daemon.hasEnded()) {
            daemon.terminate();
            Runtime.getRuntime().halt(STOPPED);
        }
    }

    /** The directory is another daemon's: not one byte more is written there. */
    private static void leaveAtOnce(int code) {
        Runtime.getRuntime().halt(code);
    }
}
