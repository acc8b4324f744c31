package interchange.daemon;

import interchange.core.Recovered;
import interchange.core.Site;
import interchange.journal.Journal;
import interchange.journal.JournalBlockedException;
import interchange.journal.JournalReader;
import interchange.journal.Write;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** A journal that remembers transactions, and whose disk can be full for a number of tries. */
final class MemoryJournal implements Journal {
    final List<List<Write>> transactions = new CopyOnWriteArrayList<>();
    final AtomicInteger failuresToCome = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();

    volatile Map<Integer, String> blockTokens = Map.of();

    /** The one run that there is. */
    volatile Optional<Recovered.RunRecord> ended = Optional.empty();

    volatile OptionalInt endedGeneration = OptionalInt.empty();
    volatile Optional<Thread> recoveredBy = Optional.empty();

    @Override
    public void commit(List<Write> writes) throws JournalBlockedException {
        if (failuresToCome.get() > 0) {
            failuresToCome.decrementAndGet();
            failures.incrementAndGet();
            throw new JournalBlockedException("no space left on device", new IOException("ENOSPC"));
        }
        transactions.add(List.copyOf(writes));
    }

    List<Write> rows() {
        List<Write> rows = new ArrayList<>();
        transactions.forEach(rows::addAll);
        return rows;
    }

    @Override
    public Recovery recover(BiFunction<Integer, String, Site> sites) {
        return new Recovery(Recovered.empty(), List.of());
    }

    @Override
    public Recovered.RunRecord recoverRun(int run) {
        recoveredBy = Optional.of(Thread.currentThread());
        return ended.orElseThrow(() -> new IllegalStateException("no run " + run));
    }

    @Override
    public Map<Integer, String> blockTokens() {
        return blockTokens;
    }

    @Override
    public OptionalInt endedGeneration(int run) {
        return endedGeneration;
    }

    @Override
    public List<Integer> purge(Duration older, long nowEpochMillis) {
        return List.of();
    }

    @Override
    public JournalReader reader() {
        throw new IllegalStateException("nothing to read");
    }

    @Override
    public void export(Path file) {
        throw new IllegalStateException("nothing to export");
    }

    @Override
    public void close() {}
}
