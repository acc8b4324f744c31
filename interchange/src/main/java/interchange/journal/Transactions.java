package interchange.journal;

import java.sql.Connection;
import java.sql.SQLException;

/** Ends transactions that failed. */
final class Transactions {
    private Transactions() {}

    /** Returns whether the connection has no transaction any more; some failures have ended it by themselves. */
    static boolean rollBack(Connection connection, Exception cause) {
        try {
            Connections.execute(connection, "ROLLBACK");
            return true;
        } catch (SQLException e) {
            String message = e.getMessage();
            if (message != null && message.contains("no transaction is active")) {
                return true;
            }
            cause.addSuppressed(e);
            return false;
        }
    }
}
