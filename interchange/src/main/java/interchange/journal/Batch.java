package interchange.journal;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A statement that is kept, and its rows that wait; half as dear by the row as one execution for each.
 *
 * <p>Values are set in order, then {@link #add} ends the row.
 */
final class Batch {
    /** Bounds what waits in memory. */
    private static final int ROWS_MAX = 1_000;

    private final PreparedStatement statement;
    private int column = 1;
    private int rows;
    private Flush whenFull = this::flush;

    /** Executes what waits. */
    interface Flush {
        void flush() throws SQLException;
    }

    Batch(PreparedStatement statement) {
        this.statement = statement;
    }

    /** For one of several whose rows must be executed in an order. */
    void flushedBy(Flush all) {
        whenFull = all;
    }

    Batch with(long value) throws SQLException {
        statement.setLong(column++, value);
        return this;
    }

    Batch with(double value) throws SQLException {
        statement.setDouble(column++, value);
        return this;
    }

    Batch with(@Nullable String value) throws SQLException {
        statement.setString(column++, value);
        return this;
    }

    void add() throws SQLException {
        statement.addBatch();
        column = 1;
        if (++rows >= ROWS_MAX) {
            whenFull.flush();
        }
    }

    /**
     * For a statement whose effect is waited for: executes this row and says how many it changed. As a batch too: after
     * a single INSERT the driver asks for its key, by a query that stays open and beside which no copy can be made.
     */
    int now() throws SQLException {
        statement.addBatch();
        column = 1;
        return statement.executeBatch()[0];
    }

    void flush() throws SQLException {
        if (rows > 0) {
            rows = 0;
            statement.executeBatch();
        }
    }
}
