package interchange.daemon;

import java.util.Optional;

/**
 * Who holds a daemon's directory.
 *
 * @param startTicks when the process started, see {@link Machine#startOf}
 * @param token random: tells this daemon from any other, whatever their hosts are called
 */
record Owner(String host, String bootId, long pid, long startTicks, String token) {
    private static final int FIELDS = 5;

    static Owner of(Machine machine, String token) {
        long pid = machine.pid();
        return new Owner(
                machine.host(), machine.bootId(), pid, machine.startOf(pid).orElse(0), token);
    }

    /** One line: written in one piece, it is there as a whole or not at all. */
    String line() {
        return String.join(" ", host, bootId, Long.toString(pid), Long.toString(startTicks), token) + "\n";
    }

    /** Empty when it is not a whole line. */
    static Optional<Owner> parse(String text) {
        String[] fields = text.strip().split(" ");
        if (fields.length != FIELDS || !text.endsWith("\n")) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new Owner(fields[0], fields[1], Long.parseLong(fields[2]), Long.parseLong(fields[3]), fields[4]));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether its process surely is no more, which can be known on its own host alone. */
    boolean dead(Machine here) {
        if (!host.equals(here.host())) {
            return false;
        }
        if (!bootId.equals(here.bootId())) {
            return true;
        }
        var start = here.startOf(pid);
        return start.isEmpty() || start.getAsLong() != startTicks;
    }
}
