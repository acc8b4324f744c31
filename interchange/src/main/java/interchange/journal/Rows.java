package interchange.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the rows of a query into lists. */
final class Rows {
    private Rows() {}

    interface Reader<T> {
        T read(ResultSet row) throws SQLException;
    }

    interface Each {
        void row(ResultSet row) throws SQLException;
    }

    static void each(Connection connection, String sql, Each each, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    each.row(rows);
                }
            }
        }
    }

    static <T> List<T> list(Connection connection, String sql, Reader<T> reader, Object... values) throws SQLException {
        List<T> list = new ArrayList<>();
        each(connection, sql, row -> list.add(reader.read(row)), values);
        return list;
    }

    static <T> Optional<T> first(Connection connection, String sql, Reader<T> reader, Object... values)
            throws SQLException {
        List<T> list = list(connection, sql, reader, values);
        return list.isEmpty() ? Optional.empty() : Optional.of(list.getFirst());
    }

    static void update(Connection connection, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.executeUpdate();
        }
    }
}
