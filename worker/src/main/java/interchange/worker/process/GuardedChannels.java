package interchange.worker.process;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;

/** Opens channels as the platform does, but never while a process is being started. */
public final class GuardedChannels extends SelectorProvider {
    private final SelectorProvider platform;
    private final ForkLock lock;

    public GuardedChannels(SelectorProvider platform, ForkLock lock) {
        this.platform = platform;
        this.lock = lock;
    }

    @Override
    public DatagramChannel openDatagramChannel() throws IOException {
        try (var _ = lock.hold()) {
            return platform.openDatagramChannel();
        }
    }

    @Override
    public DatagramChannel openDatagramChannel(ProtocolFamily family) throws IOException {
        try (var _ = lock.hold()) {
            return platform.openDatagramChannel(family);
        }
    }

    @Override
    public Pipe openPipe() throws IOException {
        try (var _ = lock.hold()) {
            return platform.openPipe();
        }
    }

    @Override
    public AbstractSelector openSelector() throws IOException {
        try (var _ = lock.hold()) {
            return platform.openSelector();
        }
    }

    @Override
    public ServerSocketChannel openServerSocketChannel() throws IOException {
        try (var _ = lock.hold()) {
            return platform.openServerSocketChannel();
        }
    }

    @Override
    public SocketChannel openSocketChannel() throws IOException {
        try (var _ = lock.hold()) {
            return platform.openSocketChannel();
        }
    }
}
