package interchange.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The statements of the writing connection; after a failure there must be another. */
final class Writer implements AutoCloseable {
    private final Statements statements;
    private final PreparedStatement begin;
    private final PreparedStatement commit;
    private final Doom doom;
    private final StageWriter stages;
    private final ChangeWriter changes;

    Writer(Connection connection) throws SQLException {
        statements = new Statements(connection);
        begin = statements.prepare("BEGIN IMMEDIATE");
        commit = statements.prepare("COMMIT");
        doom = new Doom(connection);
        stages = new StageWriter(statements, doom);
        changes = new ChangeWriter(statements);
    }

    interface Work<T> {
        T run(Writer writer) throws SQLException;
    }

    Connection connection() {
        return statements.connection();
    }

    Doom doom() {
        return doom;
    }

    /** All of it or nothing; on disk when it returns. The caller rolls back what fails. */
    <T> T transact(Work<T> work) throws SQLException {
        begin.executeUpdate();
        T result = work.run(this);
        changes.flush();
        commit.executeUpdate();
        return result;
    }

    void write(Write write) throws SQLException {
        switch (write) {
            case Write.Decided decided -> changes.write(decided.change());
            case Write.RunStaged staged -> stages.write(staged);
            case Write.JobsStaged staged -> stages.write(staged);
            case Write.LabelsStaged staged -> stages.write(staged);
            case Write.TailDropped dropped -> stages.write(dropped);
            case Write.StageDropped dropped -> stages.write(dropped);
            case Write.SiteStored stored -> stages.write(stored);
        }
    }

    @Override
    public void close() throws SQLException {
        statements.close();
    }
}
