package interchange.journal;

import java.sql.Connection;
import java.sql.SQLException;

/** Gives a connection for one reading: the reader's own, or the writer's between two of its transactions. */
interface Lender extends AutoCloseable {

    /** What is done with it; sees committed rows alone. */
    interface Reading<T> {
        T read(Connection connection) throws SQLException;
    }

    <T> T lend(Reading<T> reading);

    @Override
    void close();
}
