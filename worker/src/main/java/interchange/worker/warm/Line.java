package interchange.worker.warm;

import interchange.worker.process.ForkLock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** The worker's end of the connection with a template: lines of text either way. Nothing here waits without a limit. */
final class Line {
    private static final int PIECE_BYTES = 8192;
    /** More is no line of a template's. */
    private static final int LINE_MAX_BYTES = 64 * 1024;

    private final ForkLock lock;
    private final Selector selector;
    private final ServerSocketChannel listening;
    private Optional<SocketChannel> connected = Optional.empty();
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    private final ByteArrayOutputStream begun = new ByteArrayOutputStream();
    private final Queue<String> heard = new ArrayDeque<>();
    private boolean ended;

    /** Listens at a path that is not there yet. */
    Line(Path path, ForkLock lock) throws IOException {
        this.lock = lock;
        // No process may be started while one of them appears: it would keep the other end from seeing our end.
        try (var _ = lock.hold()) {
            selector = Selector.open();
            listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        }
        try {
            listening.bind(UnixDomainSocketAddress.of(path));
            watch(listening, SelectionKey.OP_ACCEPT);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void watch(SelectableChannel channel, int operations) throws IOException {
        channel.configureBlocking(false);
        channel.register(selector, operations);
    }

    /** The next line, if it comes in time. */
    Optional<String> hear(long nanos) throws IOException {
        long until = System.nanoTime() + nanos;
        take();
        while (heard.isEmpty() && !ended) {
            long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
            if (left <= 0) {
                break;
            }
            selector.select(left);
            take();
        }
        return Optional.ofNullable(heard.poll());
    }

    /** Whether the other end is closed, and all that it said was heard. */
    boolean isOver() {
        return ended && heard.isEmpty();
    }

    private void take() throws IOException {
        selector.selectedKeys().clear();
        if (connected.isEmpty()) {
            accept();
        }
        if (connected.isPresent() && !ended) {
            read(connected.get());
        }
    }

    private void accept() throws IOException {
        SocketChannel channel;
        try (var _ = lock.hold()) {
            channel = listening.accept();
        }
        if (channel != null) {
            // One template, one connection.
            listening.close();
            watch(channel, SelectionKey.OP_READ);
            connected = Optional.of(channel);
        }
    }

    private void read(SocketChannel channel) throws IOException {
        int length = channel.read(piece.clear());
        for (; length > 0; length = channel.read(piece.clear())) {
            for (int i = 0; i < length; i++) {
                add(piece.get(i));
            }
        }
        ended = length < 0;
    }

    private void add(byte one) throws IOException {
        if (one == '\n') {
            heard.add(begun.toString(StandardCharsets.UTF_8));
            begun.reset();
        } else if (begun.size() < LINE_MAX_BYTES) {
            begun.write(one);
        } else {
            throw new IOException("a line of more than " + LINE_MAX_BYTES + " bytes");
        }
    }

    /** Says a line; it fails if it is not taken in time. */
    void say(String text, long nanos) throws IOException {
        SocketChannel channel = connected.orElseThrow(() -> new IOException("not connected"));
        ByteBuffer bytes = ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8));
        long until = System.nanoTime() + nanos;
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
                if (left <= 0) {
                    throw new InterruptedIOException("it does not read what it is told");
                }
                awaitRoom(channel, left);
            }
        }
    }

    private void awaitRoom(SocketChannel channel, long millis) throws IOException {
        SelectionKey key = channel.keyFor(selector);
        key.interestOps(SelectionKey.OP_WRITE);
        selector.select(millis);
        selector.selectedKeys().clear();
        key.interestOps(SelectionKey.OP_READ);
    }

    /** After this no fork can hear from us any more: one that has not heard its go will end. */
    void close() {
        try {
            listening.close();
            if (connected.isPresent()) {
                connected.get().close();
            }
            selector.close();
        } catch (IOException e) {
            throw new IllegalStateException("can't close a connection on this machine", e);
        }
    }
}
