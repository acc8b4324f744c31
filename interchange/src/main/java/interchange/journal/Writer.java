package interchange.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The writing connection with its statements, kept as long as it is healthy. */
final class Writer implements AutoCloseable {
    private final Connection connection;
    private final PreparedStatement begin;
    private final PreparedStatement commit;
    private final Doom doom;
    private final StageWriter stages;
    private final ChangeWriter changes;

    Writer(Connection connection) throws SQLException {
        this.connection = connection;
        begin = connection.prepareStatement("BEGIN IMMEDIATE");
        commit = connection.prepareStatement("COMMIT");
        doom = new Doom(connection);
        stages = new StageWriter(connection, doom);
        changes = new ChangeWriter(connection);
    }

    interface Work<T> {
        T run(Writer writer) throws SQLException;
    }

    Connection connection() {
        return connection;
    }

    Doom doom() {
        return doom;
    }

    /** All of it or nothing; on disk when it returns. */
    <T> T transact(Work<T> work) throws SQLException {
        begin.executeUpdate();
        try {
            T result = work.run(this);
            changes.flush();
            commit.executeUpdate();
            return result;
        } catch (SQLException | RuntimeException e) {
            changes.forget();
            stages.forget();
            if (!Transactions.rollBack(connection, e)) {
                throw new UnhealthyException(e);
            }
            throw e;
        }
    }

    void write(Write write) throws SQLException {
        switch (write) {
            case Write.Decided decided -> changes.write(decided.change());
            case Write.RunStaged staged -> stages.write(staged);
            case Write.JobsStaged staged -> stages.write(staged);
            case Write.StageDropped dropped -> stages.write(dropped);
            case Write.SiteStored stored -> stages.write(stored);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** The connection could not be brought out of its transaction: open another. */
    static final class UnhealthyException extends SQLException {
        private static final long serialVersionUID = 1L;

        UnhealthyException(Exception cause) {
            super(cause.getMessage(), cause);
        }
    }
}
