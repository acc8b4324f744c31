package interchange.wire;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayList;
import java.util.List;

/** Opens so many channels, and then says what a process without descriptors is told. */
final class ScarceChannels extends SelectorProvider {
    private final SelectorProvider platform = SelectorProvider.provider();
    private final List<Object> opened = new ArrayList<>();
    private int left;

    ScarceChannels(int allowed) {
        left = allowed;
    }

    private interface Opening<T> {
        T open() throws IOException;
    }

    private synchronized <T> T open(Opening<T> opening) throws IOException {
        if (left-- <= 0) {
            throw new IOException("Too many open files");
        }
        T one = opening.open();
        opened.add(one);
        return one;
    }

    synchronized List<Object> stillOpen() {
        return opened.stream().filter(ScarceChannels::isOpen).toList();
    }

    private static boolean isOpen(Object one) {
        return switch (one) {
            case Selector selector -> selector.isOpen();
            case Channel channel -> channel.isOpen();
            case Pipe pipe -> pipe.source().isOpen() || pipe.sink().isOpen();
            default -> throw new IllegalStateException("a new kind: " + one);
        };
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        return open(platform::openDatagramChannel);
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        return open(() -> platform.openDatagramChannel(family));
    }

    @Override
    public Pipe openPipe() throws IOException {
        return open(platform::openPipe);
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        return open(platform::openSelector);
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        return open(platform::openServerSocketChannel);
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        return open(platform::openSocketChannel);
    }
}
