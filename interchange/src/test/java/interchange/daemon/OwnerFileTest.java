package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnerFileTest {
    @TempDir
    Path home;

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = home.resolve("owner");
    }

    @Test
    void aDirectoryWithoutAnOwnerIsTakenAndGivenBack() throws IOException, RefusedException {
        OwnerFile owner = OwnerFile.acquire(file, machine("a", 10), "one", false);
        assertThat(owner.renew()).isTrue();
        owner.release();
        assertThat(file).doesNotExist();
    }

    @Test
    void aLivingDaemonOfThisHostIsNamedAndNeverReplaced() throws IOException, RefusedException {
        TestMachine here = machine("a", 10);
        OwnerFile.acquire(file, here, "one", false);
        TestMachine second = new TestMachine("a", "boot", 11, here.processes);
        assertThatThrownBy(() -> OwnerFile.acquire(file, second, "two", true))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("process id 10 on host a")
                .hasMessageContaining("interchange stop");
    }

    @Test
    void aDeadDaemonOfThisHostIsReplacedAtOnceEvenWhenItsNumberIsInUseAgain() throws IOException, RefusedException {
        TestMachine here = machine("a", 10);
        OwnerFile.acquire(file, here, "one", false);
        here.processes.put(10L, 999L);
        OwnerFile second = OwnerFile.acquire(file, new TestMachine("a", "boot", 11, here.processes), "two", false);
        assertThat(second.renew()).isTrue();
    }

    @Test
    void afterARestartOfTheHostItsOldDaemonIsDead() throws IOException, RefusedException {
        TestMachine here = machine("a", 10);
        OwnerFile.acquire(file, here, "one", false);
        TestMachine later = new TestMachine("a", "another-boot", 11, here.processes);
        assertThat(OwnerFile.acquire(file, later, "two", false).renew()).isTrue();
    }

    @Test
    void aSilentDaemonOfAnotherHostIsReplacedOnlyWhenAskedForAndAfterAMinute() throws IOException, RefusedException {
        OwnerFile first = OwnerFile.acquire(file, machine("a", 10), "one", false);
        TestMachine other = machine("b", 20);
        assertThatThrownBy(() -> OwnerFile.acquire(file, other, "two", false))
                .hasMessageContaining("on host a")
                .hasMessageContaining("--takeover");
        assertThatThrownBy(() -> OwnerFile.acquire(file, other, "two", true)).hasMessageContaining("is alive");
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(61)));
        OwnerFile second = OwnerFile.acquire(file, other, "two", true);
        assertThat(second.renew()).isTrue();
        assertThat(first.renew()).isFalse();
        first.release();
        assertThat(file).exists();
    }

    @Test
    void aRenewalMakesTheClaimYoung() throws IOException, RefusedException {
        OwnerFile owner = OwnerFile.acquire(file, machine("a", 10), "one", false);
        Instant old = Instant.now().minusSeconds(100);
        Files.setLastModifiedTime(file, FileTime.from(old));
        owner.renew();
        assertThat(Files.getLastModifiedTime(file).toInstant()).isAfter(old.plusSeconds(90));
    }

    @Test
    void aClaimThatWasRemovedIsMadeAgain() throws IOException, RefusedException {
        OwnerFile owner = OwnerFile.acquire(file, machine("a", 10), "one", false);
        Files.delete(file);
        assertThat(owner.renew()).isTrue();
        assertThat(file).exists();
    }

    @Test
    void theRealMachineKnowsItsOwnStartAndThatOfNoDeadProcess() {
        Machine.Linux machine = new Machine.Linux();
        assertThat(machine.startOf(machine.pid())).isPresent();
        assertThat(machine.startOf(Integer.MAX_VALUE)).isEmpty();
        assertThat(machine.bootId()).isNotBlank();
    }

    private static TestMachine machine(String host, long pid) {
        Map<Long, Long> processes = new HashMap<>();
        for (long each = pid; each < pid + 5; each++) {
            processes.put(each, 100 + each);
        }
        return new TestMachine(host, "boot", pid, processes);
    }

    private record TestMachine(String host, String bootId, long pid, Map<Long, Long> processes) implements Machine {
        @Override
        public OptionalLong startOf(long process) {
            Long start = processes.get(process);
            return start == null ? OptionalLong.empty() : OptionalLong.of(start);
        }
    }
}
