package interchange.worker;

import interchange.wire.ConnectionFile;
import interchange.wire.Link;
import interchange.wire.UnreachableException;
import interchange.worker.files.Line;
import interchange.worker.files.LineOpener;
import java.io.IOException;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Opens links. The connection file is read anew for each: the daemon may have moved. */
final class LinkDialer implements Dialer, LineOpener {
    private final Path connectionFile;
    private final SelectorProvider channels;

    LinkDialer(Path connectionFile, SelectorProvider channels) {
        this.connectionFile = connectionFile;
        this.channels = channels;
    }

    @Override
    public Channel dial(Duration timeout) throws UnreachableException {
        try {
            return new LinkChannel(Link.open(ConnectionFile.read(connectionFile), timeout, channels));
        } catch (IOException e) {
            throw new UnreachableException("can't read " + connectionFile + ": " + e);
        }
    }

    /** To the socket for files. */
    @Override
    public Line openLine(Duration timeout) throws UnreachableException {
        try {
            ConnectionFile daemon = ConnectionFile.read(connectionFile)
                    .forFiles()
                    .orElseThrow(() -> new UnreachableException(connectionFile + " names no port for files"));
            return new LinkChannel(Link.open(daemon, timeout, channels));
        } catch (IOException e) {
            throw new UnreachableException("can't read " + connectionFile + ": " + e);
        }
    }

    private record LinkChannel(Link link) implements Channel, Line {
        @Override
        public boolean send(byte[] message) {
            return link.send(message);
        }

        @Override
        public Optional<byte[]> receive(Duration timeout) {
            return link.receive(timeout);
        }

        @Override
        public void wake() {
            link.wake();
        }

        @Override
        public boolean broken() {
            return link.broken();
        }

        @Override
        public void close() {
            link.close();
        }
    }
}
