package interchange.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The first message on a connection, in each direction. The daemon's tells the link that the handshake is over and its
 * key was accepted; the link's tells the daemon who this connection is not: a stranger.
 *
 * @param probes where the link's earlier attempts at the daemon's addresses came from (address:port): no strangers either
 */
public record Greeting(List<String> probes) {
    private static final byte[] PREFIX = "interchange/1".getBytes(StandardCharsets.US_ASCII);
    private static final int PROBES_MAX = 64;

    public Greeting {
        probes = List.copyOf(probes);
    }

    /** Makes one that names at most {@link #PROBES_MAX} probes. */
    static Greeting of(List<String> probes) {
        return new Greeting(probes.subList(0, Math.min(probes.size(), PROBES_MAX)));
    }

    /** The daemon's. */
    public static Greeting ofDaemon() {
        return new Greeting(List.of());
    }

    /** Empty when it is another kind of message. No protobuf message of ours begins like this. */
    public static Optional<Greeting> parse(byte[] message) {
        if (message.length < PREFIX.length || !Arrays.equals(message, 0, PREFIX.length, PREFIX, 0, PREFIX.length)) {
            return Optional.empty();
        }
        String rest = new String(message, PREFIX.length, message.length - PREFIX.length, StandardCharsets.US_ASCII);
        return Optional.of(new Greeting(Arrays.stream(rest.split(" ", PROBES_MAX + 2))
                .filter(probe -> !probe.isEmpty())
                .limit(PROBES_MAX)
                .toList()));
    }

    public byte[] bytes() {
        byte[] rest = probes.stream()
                .map(probe -> " " + probe)
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(PREFIX, PREFIX.length + rest.length);
        System.arraycopy(rest, 0, all, PREFIX.length, rest.length);
        return all;
    }
}
