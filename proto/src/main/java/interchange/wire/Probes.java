package interchange.wire;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Plain TCP connections to all addresses of a daemon at once, to learn which of them answer. Each is closed as soon as
 * it is known.
 */
final class Probes implements AutoCloseable {
    /** How long an address that answers waits for a better-placed one. */
    private static final long PREFERENCE_MILLIS = 30;

    /** More addresses than any host has that means well. */
    private static final int PROBES_MAX = 64;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final Selector selector;
    private final SelectorProvider channels;
    private final List<String> failures = new ArrayList<>();
    private final List<InetSocketAddress> targets = new ArrayList<>();
    private final TreeMap<Integer, InetSocketAddress> answered = new TreeMap<>();
    private final List<String> origins = new ArrayList<>();

    private Probes(Selector selector, SelectorProvider channels) {
        this.selector = selector;
        this.channels = channels;
    }

    static Probes start(List<String> hosts, int port, SelectorProvider channels) throws IOException {
        Probes probes = new Probes(channels.openSelector(), channels);
        try {
            for (String host : hosts) {
                probes.resolve(host, port);
            }
            for (int i = 0; i < probes.targets.size(); i++) {
                probes.connect(i);
            }
            return probes;
        } catch (IOException | RuntimeException e) {
            probes.close();
            throw e;
        }
    }

    /** The best of the addresses that answered and have not been taken yet; waits for one. Empty: no more, or time is over. */
    Optional<InetSocketAddress> next(long deadlineNanos) throws IOException {
        while (answered.isEmpty() && pending() > 0 && System.nanoTime() < deadlineNanos) {
            select(deadlineNanos);
        }
        long preferenceEnds = Math.min(deadlineNanos, System.nanoTime() + PREFERENCE_MILLIS * NANOS_PER_MILLI);
        while (betterPending() && System.nanoTime() < preferenceEnds) {
            select(preferenceEnds);
        }
        return Optional.ofNullable(answered.pollFirstEntry()).map(entry -> entry.getValue());
    }

    /** Whether another may still come. */
    boolean more() {
        return !answered.isEmpty() || pending() > 0;
    }

    /** From where those came that were answered: the daemon sees them hang up, and is told that it was us. */
    List<String> origins() {
        return List.copyOf(origins);
    }

    /** What became of those that did not answer, one line each. */
    List<String> failures() {
        List<String> all = new ArrayList<>(failures);
        for (SelectionKey key : selector.keys()) {
            if (key.isValid()) {
                all.add(name(targets.get(index(key))) + ": no answer in time");
            }
        }
        return all;
    }

    @Override
    public void close() {
        for (SelectionKey key : selector.keys()) {
            discard((SocketChannel) key.channel());
        }
        try {
            selector.close();
        } catch (IOException e) {
            failures.add("selector: " + e.getMessage());
        }
    }

    static String name(InetSocketAddress target) {
        return target.getHostString() + " port " + target.getPort();
    }

    private void resolve(String host, int port) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                InetSocketAddress target = new InetSocketAddress(address, port);
                if (targets.size() < PROBES_MAX && !targets.contains(target)) {
                    targets.add(target);
                }
            }
        } catch (UnknownHostException e) {
            failures.add(host + ": unknown host");
        }
    }

    private void connect(int index) throws IOException {
        InetSocketAddress target = targets.get(index);
        SocketChannel channel = channels.openSocketChannel();
        try {
            channel.configureBlocking(false);
            if (channel.connect(target)) {
                answered(index, channel);
                discard(channel);
            } else {
                channel.register(selector, SelectionKey.OP_CONNECT, index);
            }
        } catch (IOException | RuntimeException e) {
            // "Network is unreachable" comes at once, for IPv6 above all.
            failures.add(name(target) + ": " + e.getMessage());
            discard(channel);
        }
    }

    private void select(long untilNanos) throws IOException {
        long millis = Math.max(1, (untilNanos - System.nanoTime()) / NANOS_PER_MILLI);
        selector.select(this::connected, millis);
    }

    private void connected(SelectionKey key) {
        InetSocketAddress target = targets.get(index(key));
        SocketChannel channel = (SocketChannel) key.channel();
        try {
            if (channel.finishConnect()) {
                answered(index(key), channel);
            }
        } catch (IOException e) {
            failures.add(name(target) + ": " + e.getMessage());
        }
        discard(channel);
    }

    private void answered(int index, SocketChannel channel) throws IOException {
        answered.put(index, targets.get(index));
        if (channel.getLocalAddress() instanceof InetSocketAddress local) {
            origins.add(local.getAddress().getHostAddress() + ":" + local.getPort());
        }
    }

    private boolean betterPending() {
        return !answered.isEmpty()
                && selector.keys().stream().anyMatch(key -> key.isValid() && index(key) < answered.firstKey());
    }

    private long pending() {
        return selector.keys().stream().filter(SelectionKey::isValid).count();
    }

    private static int index(SelectionKey key) {
        return (Integer) key.attachment();
    }

    private void discard(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            failures.add("closing a probe: " + e.getMessage());
        }
    }
}
