package interchange.journal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings a journal from the version it has to the version that is known here, after a copy of it was made.
 *
 * @param scripts the one at index n makes version n + 1 of version n; 0 is an empty file
 */
record Migrations(List<String> scripts) {
    /** "intc": tells our files from other SQLite files. */
    static final int APPLICATION_ID = 0x696e7463;

    Migrations {
        scripts = List.copyOf(scripts);
    }

    /** Those of this program: schema/001.sql and so on. */
    static Migrations own() {
        List<String> scripts = new ArrayList<>();
        for (int version = 1; ; version++) {
            String name = String.format("schema/%03d.sql", version);
            try (InputStream script = Migrations.class.getResourceAsStream(name)) {
                if (script == null) {
                    return new Migrations(scripts);
                }
                scripts.add(new String(script.readAllBytes(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    int version() {
        return scripts.size();
    }

    /** Refuses what is not ours or too new, before anything is written. */
    void check(Connection connection, Path file) throws SQLException {
        long application = Connections.number(connection, "PRAGMA application_id");
        long version = Connections.number(connection, "PRAGMA user_version");
        boolean empty = Connections.number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (application != APPLICATION_ID && !empty) {
            throw new JournalRefusedException(
                    file + " is an SQLite file, but not a journal of interchange; move it away");
        }
        if (version > version()) {
            throw new JournalRefusedException(
                    file + " has version " + version + ", this interchange knows versions up to "
                            + version() + "; start the newer interchange that wrote it, or restore a copy (" + file
                            + ".v<version>)");
        }
    }

    /** Does what is missing. Each step is one transaction. */
    void migrate(Connection connection, Path file) throws SQLException, IOException {
        int from = (int) Connections.number(connection, "PRAGMA user_version");
        if (from == version()) {
            return;
        }
        if (from > 0) {
            copy(connection, file.resolveSibling(file.getFileName() + ".v" + from));
        }
        for (int version = from + 1; version <= version(); version++) {
            step(connection, version);
        }
    }

    private void step(Connection connection, int version) throws SQLException {
        Connections.execute(connection, "BEGIN IMMEDIATE");
        try {
            Connections.execute(connection, scripts.get(version - 1));
            Connections.pragma(connection, "application_id = " + APPLICATION_ID);
            Connections.pragma(connection, "user_version = " + version);
            Connections.execute(connection, "COMMIT");
        } catch (SQLException e) {
            Transactions.rollBack(connection, e);
            throw e;
        }
    }

    private static void copy(Connection connection, Path copy) throws SQLException, IOException {
        Path temporary = copy.resolveSibling(copy.getFileName() + ".new");
        Files.deleteIfExists(temporary);
        Copies.write(connection, temporary);
        DurableFile.rename(temporary, copy);
    }
}
