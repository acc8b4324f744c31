package interchange.daemon;

import interchange.wire.ConnectionFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that tell workers and clients where the daemon is. Written anew at each start, since workers read theirs at
 * each reconnect.
 */
final class ConnectionFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionFiles.class);

    private final Home home;
    private final ConnectionFile forWorkers;

    ConnectionFiles(Home home, ConnectionFile forWorkers) {
        this.home = home;
        this.forWorkers = forWorkers;
    }

    void write(ConnectionFile forClients, List<Sites.Entry> sites) throws IOException {
        forWorkers.write(home.workerConnection());
        for (Sites.Entry site : sites) {
            if (!site.config().addresses().isEmpty()) {
                writeNarrowed(site);
            }
        }
        // Last: a client that finds it finds a daemon that is ready.
        forClients.write(home.clientConnection());
    }

    /** A site may know better which of the daemon's addresses its nodes can reach. */
    Path forWorkersOf(Sites.Entry site) throws IOException {
        if (site.config().addresses().isEmpty()) {
            return home.workerConnection();
        }
        return writeNarrowed(site);
    }

    private Path writeNarrowed(Sites.Entry site) throws IOException {
        Path file = home.workerConnectionOf(site.index());
        List<String> addresses = Interfaces.usable(site.config().addresses());
        if (addresses.isEmpty()) {
            LOG.warn(
                    "Site '{}': nothing of address {} is an interface or a name known here, so its workers are told all"
                            + " addresses of this host.",
                    site.config().name(),
                    site.config().addresses());
        }
        forWorkers.at(addresses.isEmpty() ? forWorkers.addresses() : addresses).write(file);
        return file;
    }
}
