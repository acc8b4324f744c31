package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.AttemptEnd;
import interchange.core.Change;
import interchange.core.JobEnd;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes of one transaction that is larger than the batches in which it is written. */
class ChangeOrderTest {
    /** More than a batch holds. */
    private static final int MANY = 1_000;

    @TempDir
    Path home;

    @Test
    void anAttemptThatBeginsAndEndsInOneTransactionHasEnded() throws Exception {
        List<Write> writes = new ArrayList<>();
        writes.add(Samples.assigned(1, 0, 0, 0, 1));
        for (int number = 1; number < MANY; number++) {
            writes.add(Samples.ended(1, 1, number, AttemptEnd.WORKER_LEFT, 0, 0));
        }
        writes.add(Samples.ended(1, 0, 0, AttemptEnd.SUCCEEDED, 0, 0));

        commit(writes);

        assertThat(numbers("SELECT ending FROM attempt WHERE run = 1")).containsExactly(0);
    }

    @Test
    void aJobThatIsDeletedAfterItsMemoryWasRaisedIsDeleted() throws Exception {
        List<Write> writes = new ArrayList<>();
        writes.add(Samples.decided(new Change.MemoryRaised(1, 0, 4_000)));
        for (int time = 0; time < MANY; time++) {
            writes.add(Samples.jobEnded(1, 0, JobEnd.DELETED));
        }

        commit(writes);

        assertThat(numbers("SELECT state FROM job_state WHERE run = 1 AND job = 0"))
                .containsExactly(JobEnd.DELETED.code());
    }

    private void commit(List<Write> writes) throws Exception {
        try (SqliteJournal journal = Samples.open(home)) {
            journal.commit(Samples.chain(1, 3));
            journal.commit(writes);
        }
    }

    private List<Integer> numbers(String sql) throws Exception {
        try (Connection connection = Connections.reader(home.resolve("journal.db"))) {
            return Rows.list(connection, sql, row -> row.getInt(1));
        }
    }
}
