package interchange.daemon;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the daemon was started with.
 *
 * @param takeover whether it may take the place of a silent daemon on another host
 */
record Options(Path home, boolean takeover) {
    static final String USAGE = "usage: DaemonMain --home DIR [--takeover]";

    static Options parse(String... arguments) throws RefusedException {
        Optional<Path> home = Optional.empty();
        boolean takeover = false;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--home" -> {
                    i++;
                    if (i == arguments.length) {
                        throw new RefusedException("--home needs a directory; " + USAGE);
                    }
                    home = Optional.of(Path.of(arguments[i]));
                }
                case "--takeover" -> takeover = true;
                default -> throw new RefusedException("unknown argument '" + arguments[i] + "'; " + USAGE);
            }
        }
        return new Options(home.orElseThrow(() -> new RefusedException("no --home; " + USAGE)), takeover);
    }
}
