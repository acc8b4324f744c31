package interchange.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Consistent copies of the journal, whole or not there. */
final class Copies {
    private Copies() {}

    /** Copies what is committed; the writer may go on meanwhile. */
    static void write(Connection connection, Path copy) throws SQLException, IOException {
        try (PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, copy.toString());
            statement.executeUpdate();
        } catch (SQLException e) {
            Files.deleteIfExists(copy);
            throw e;
        }
        DurableFile.sync(copy);
    }
}
