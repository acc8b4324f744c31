package interchange.journal;

import interchange.core.Recovered;
import interchange.core.Site;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal in one SQLite file with a write-ahead log.
 *
 * <p>On a local file system readers have connections of their own, and neither waits for the other. On a network one the
 * writer's is the only connection there may be (see {@link Sharing}): readers use it between two transactions, and an
 * export or a long report holds up the conductor for as long as it takes.
 */
public final class SqliteJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteJournal.class);

    private final Path file;
    private final Sharing sharing;
    private final EnvironmentFiles environments;
    /** Held by who uses the writer's connection; nobody waits for it where connections are shared. */
    private final ReentrantLock writing = new ReentrantLock();

    /** None after a failure that it did not survive: the next use opens another. */
    private @Nullable Connection connection;

    /** None after any failure. */
    private @Nullable Writer writer;

    /** Known from the recovery on. */
    private volatile BiFunction<Integer, String, Site> sites = (index, settings) -> {
        throw new IllegalStateException("the journal was not recovered yet");
    };

    SqliteJournal(Path file, Sharing sharing, EnvironmentFiles environments) {
        this.file = file;
        this.sharing = sharing;
        this.environments = environments;
    }

    /**
     * Opens the journal, makes it where there is none, and migrates it where it is of an older version.
     *
     * @throws JournalRefusedException when the file is not a journal, or of a newer version
     * @throws JournalBlockedException when the disk can't take it now
     */
    public static SqliteJournal open(Path file, EnvironmentFiles environments) throws JournalBlockedException {
        try {
            Path directory = file.toAbsolutePath().getParent();
            return open(
                    file,
                    directory == null ? Sharing.EXCLUSIVE : Sharing.of(directory),
                    environments,
                    Migrations.own());
        } catch (IOException e) {
            throw new JournalBlockedException(file + " can't be opened: " + e, e);
        }
    }

    static SqliteJournal open(Path file, Sharing sharing, EnvironmentFiles environments, Migrations migrations)
            throws JournalBlockedException {
        SqliteJournal journal = new SqliteJournal(file, sharing, environments);
        try {
            migrate(file, sharing, migrations);
            journal.writer();
            return journal;
        } catch (SQLException e) {
            journal.close();
            if (Failures.unreadable(e)) {
                throw new JournalRefusedException(file + " is damaged, or no journal (" + e.getMessage()
                        + "); move it away, or put a copy in its place");
            }
            throw journal.failed(e);
        } catch (IOException e) {
            throw new JournalBlockedException(file + " can't be copied before its migration: " + e, e);
        }
    }

    private static void migrate(Path file, Sharing sharing, Migrations migrations) throws SQLException, IOException {
        try (Connection connection = Connections.opened(file, sharing)) {
            migrations.check(connection, file);
            Connections.prepare(connection);
            migrations.migrate(connection, file);
        }
    }

    @Override
    public void commit(List<Write> writes) throws JournalBlockedException {
        if (writes.isEmpty()) {
            return;
        }
        transact(writer -> {
            for (Write write : writes) {
                writer.write(write);
            }
            return true;
        });
    }

    @Override
    public Recovery recover(BiFunction<Integer, String, Site> makeSite) throws JournalBlockedException {
        sites = makeSite;
        Recovery recovery =
                transact(writer -> new StateRecovery(writer.connection(), writer.doom(), makeSite).recover());
        try {
            environments.keepOnly(Set.copyOf(lend(SqliteJournal::runsThere)));
        } catch (IOException e) {
            throw new JournalBlockedException("environments of old runs can't be removed: " + e, e);
        }
        return recovery;
    }

    @Override
    public Recovered.RunRecord recoverRun(int run) {
        return lend(connection -> new RunRecovery(connection, StoredSites.of(connection, sites)).read(run));
    }

    @Override
    public Map<Integer, String> blockTokens() {
        Map<Integer, String> tokens = new HashMap<>();
        return lend(connection -> {
            Rows.each(connection, "SELECT id, token FROM block", row -> tokens.put(row.getInt(1), row.getString(2)));
            return tokens;
        });
    }

    @Override
    public OptionalInt endedGeneration(int run) {
        return lend(connection -> Rows.list(
                        connection,
                        "SELECT generation FROM run WHERE id = ? AND state IN (1, 2, 3)",
                        row -> row.getInt(1),
                        run)
                .stream()
                .mapToInt(generation -> generation)
                .findFirst());
    }

    @Override
    public List<Integer> purge(Duration older, long nowEpochMillis) throws JournalBlockedException {
        List<Integer> purged = transact(writer ->
                new Purge(writer.connection(), writer.doom()).runsEndedBefore(nowEpochMillis - older.toMillis()));
        try {
            for (int run : purged) {
                environments.delete(run);
            }
        } catch (IOException e) {
            // They are gone from the journal; the next start removes their files.
            LOG.warn("Environments of purged runs can't be removed yet: {}", e.toString());
        }
        return purged;
    }

    @Override
    public boolean sweep() throws JournalBlockedException {
        if (transact(writer -> writer.doom().sweep())) {
            return true;
        }
        return use(writer -> writer.doom().shrink());
    }

    @Override
    public JournalReader reader() {
        return new SqliteReader(lender());
    }

    @Override
    public void export(Path target) {
        try {
            if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                throw new JournalExportException(target + " is there already; name a file that is not");
            }
            Path temporary = target.resolveSibling("." + target.getFileName() + ".new");
            Files.deleteIfExists(temporary);
            copyTo(temporary);
            DurableFile.rename(temporary, target);
        } catch (SQLException | IOException e) {
            throw new JournalExportException(target + " can't be written: " + e.getMessage(), e);
        }
    }

    private void copyTo(Path target) throws SQLException, IOException {
        if (sharing == Sharing.SHARED) {
            try (Connection connection = Connections.opened(file, sharing)) {
                Copies.write(connection, target);
            }
            return;
        }
        writing.lock();
        try {
            Copies.write(connection(), target);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void close() {
        writing.lock();
        try {
            closeWriter();
            closeConnection();
        } finally {
            writing.unlock();
        }
    }

    private static List<Integer> runsThere(Connection connection) throws SQLException {
        return Rows.list(connection, "SELECT id FROM run", row -> row.getInt(1));
    }

    private <T> T lend(Lender.Reading<T> reading) {
        try (Lender lender = lender()) {
            return lender.lend(reading);
        }
    }

    private Lender lender() {
        return sharing == Sharing.SHARED ? new OwnConnection(file) : new BorrowedConnection();
    }

    private <T> T transact(Writer.Work<T> work) throws JournalBlockedException {
        return use(writer -> writer.transact(work));
    }

    <T> T use(Writer.Work<T> work) throws JournalBlockedException {
        writing.lock();
        try {
            return work.run(writer());
        } catch (SQLException e) {
            giveUp(e, Failures.sparesConnection(e));
            throw failed(e);
        } catch (RuntimeException e) {
            giveUp(e, true);
            throw e;
        } finally {
            writing.unlock();
        }
    }

    private Writer writer() throws SQLException {
        Writer ready = writer;
        if (ready == null) {
            ready = new Writer(connection());
            writer = ready;
        }
        return ready;
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = Connections.writer(file, sharing);
            connection = open;
        }
        return open;
    }

    /** Undoes what was begun; what is not as good as before is closed, and opened again by the next use. */
    private void giveUp(Exception cause, boolean connectionSpared) {
        Connection open = connection;
        boolean healthy = open != null && Transactions.rollBack(open, cause) && connectionSpared;
        closeWriter();
        if (!healthy) {
            closeConnection();
        }
    }

    private JournalBlockedException failed(SQLException e) {
        if (!Failures.passes(e)) {
            throw Failures.fatal(file, e);
        }
        return Failures.blocked(file, e);
    }

    private void closeWriter() {
        Writer ready = writer;
        writer = null;
        close(ready);
    }

    private void closeConnection() {
        Connection open = connection;
        connection = null;
        close(open);
    }

    private static void close(@Nullable AutoCloseable closeable) {
        if (closeable != null) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.warn("The journal could not be closed in good order: {}", e.getMessage());
            }
        }
    }

    /** The writer's connection, where it is the only one. */
    private final class BorrowedConnection implements Lender {
        @Override
        public <T> T lend(Reading<T> reading) {
            writing.lock();
            try {
                return reading.read(connection());
            } catch (SQLException e) {
                throw Failures.fatal(file, e);
            } finally {
                writing.unlock();
            }
        }

        @Override
        public void close() {}
    }
}
