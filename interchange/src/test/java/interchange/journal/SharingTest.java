package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.core.JobEnd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SharingTest {
    private static final long LOG_BYTES_MAX = 32 << 20;

    @TempDir
    Path home;

    @ParameterizedTest
    @CsvSource({
        "ext4, SHARED",
        "xfs, SHARED",
        "tmpfs, SHARED",
        "overlay, SHARED",
        "nfs, EXCLUSIVE",
        "nfs4, EXCLUSIVE",
        "lustre, EXCLUSIVE",
        "gpfs, EXCLUSIVE",
        "beegfs, EXCLUSIVE",
        "fuse.sshfs, EXCLUSIVE",
        "CIFS, EXCLUSIVE"
    })
    void fileSystemsOfOtherHostsAreNotShared(String type, Sharing sharing) {
        assertThat(Sharing.ofType(type)).isEqualTo(sharing);
    }

    @Test
    void onANetworkFileSystemThereIsNoSharedMemoryAndNobodyElseGetsIn() throws Exception {
        try (SqliteJournal journal = Samples.open(home, Sharing.EXCLUSIVE)) {
            journal.commit(Samples.chain(1, 3));

            assertThat(Files.exists(home.resolve("journal.db-wal"))).isTrue();
            assertThat(Files.exists(home.resolve("journal.db-shm"))).isFalse();
            assertThatThrownBy(() -> Samples.open(home, Sharing.EXCLUSIVE).close())
                    .isInstanceOf(JournalBlockedException.class)
                    .hasMessageContaining("lock");
        }
        try (SqliteJournal journal = Samples.open(home, Sharing.EXCLUSIVE)) {
            assertThat(journal.recover(Samples::site).recovered().runs()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Sharing.class)
    void theLogIsBroughtHomeAgainAndAgain(Sharing sharing) throws Exception {
        try (SqliteJournal journal = Samples.open(home, sharing)) {
            journal.commit(Samples.chain(1, 20_000));
            journal.commit(List.of(Samples.intended(1), Samples.joined(1, 1)));
            for (int job = 0; job < 19_900; job += 100) {
                List<Write> writes = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    writes.add(Samples.assigned(1, (job + i * 199) % 20_000, job, 0, 1));
                }
                journal.commit(writes);
            }
            assertThat(Files.size(home.resolve("journal.db-wal"))).isLessThan(LOG_BYTES_MAX);
        }
    }

    @ParameterizedTest
    @EnumSource(Sharing.class)
    void readersOfOtherThreadsSeeWholeTransactions(Sharing sharing) throws Exception {
        try (SqliteJournal journal = Samples.open(home, sharing)) {
            journal.commit(Samples.chain(1, 1_000));
            AtomicBoolean odd = new AtomicBoolean();
            AtomicBoolean written = new AtomicBoolean();
            Thread thread = Thread.ofPlatform().start(() -> {
                try (JournalReader reader = journal.reader()) {
                    while (!written.get()) {
                        int ended = 0;
                        for (byte end : reader.ends(1)) {
                            ended += end;
                        }
                        odd.compareAndSet(false, ended % 2 == 1);
                    }
                }
            });
            for (int job = 0; job < 998; job += 2) {
                journal.commit(List.of(
                        Samples.jobEnded(1, job, JobEnd.SUCCEEDED), Samples.jobEnded(1, job + 1, JobEnd.SUCCEEDED)));
            }
            written.set(true);
            thread.join();

            assertThat(odd).isFalse();
        }
    }
}
