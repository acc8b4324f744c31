package interchange.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/** A connection of the reader's own. */
final class OwnConnection implements Lender {
    private final Path file;
    private final Connection connection;

    OwnConnection(Path file) {
        this.file = file;
        try {
            connection = Connections.reader(file);
        } catch (SQLException e) {
            throw Failures.fatal(file, e);
        }
    }

    @Override
    public <T> T lend(Reading<T> reading) {
        try {
            return reading.read(connection);
        } catch (SQLException e) {
            throw Failures.fatal(file, e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw Failures.fatal(file, e);
        }
    }
}
