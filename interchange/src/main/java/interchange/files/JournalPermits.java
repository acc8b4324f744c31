package interchange.files;

import interchange.core.AttemptEnd;
import interchange.core.AttemptId;
import interchange.journal.EnvironmentFiles;
import interchange.journal.JobCommand;
import interchange.journal.JobFile;
import interchange.journal.JournalReader;
import interchange.journal.JournalReader.AttemptRow;
import interchange.site.SiteConfig;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What may travel by the journal. Belongs to the reader's thread. */
final class JournalPermits implements Permits {
    private static final String UMASK = "INTERCHANGE_UMASK";
    private static final int DEFAULT_UMASK = 022;
    private static final int ALL_PERMISSIONS = 0777;

    private final JournalReader reader;
    private final EnvironmentFiles environments;

    JournalPermits(JournalReader reader, EnvironmentFiles environments) {
        this.reader = reader;
        this.environments = environments;
    }

    @Override
    public boolean isOpen(AttemptId id) {
        return reader.attempts(id.run(), id.job()).stream()
                .anyMatch(row -> row.number() == id.number() && row.end().isEmpty());
    }

    @Override
    public Optional<Permit> of(Key key) {
        AttemptId id = key.attempt();
        if (!isOpen(id)) {
            return Optional.empty();
        }
        JobCommand job = reader.commands(id.run(), List.of(id.job())).getFirst();
        boolean brings = !job.files().isEmpty() || (key.isLog() && streams(id));
        if (!brings || key.number() >= job.files().size()) {
            return Optional.empty();
        }
        if (key.isLog()) {
            String log = key.number() == Key.STDOUT ? job.stdout() : job.stderr();
            return Optional.of(new Permit.Log(
                    Path.of(log), umask(id, job), earlier(reader.attempts(id.run(), id.job()), id.number())));
        }
        JobFile file = job.files().get(key.number());
        return Optional.of(
                switch (file.kind()) {
                    case INPUT, EXECUTABLE -> new Permit.Input(Path.of(file.path()));
                    case OUTPUT -> new Permit.Output(Path.of(file.path()), umask(id, job));
                });
    }

    /** Others write their logs themselves. */
    private boolean streams(AttemptId id) {
        return Optional.ofNullable(reader.runners(id.run(), id.job()).get(id.number()))
                .map(runner -> SiteConfig.logs(runner.site()))
                .filter(SiteConfig.Logs.STREAM::equals)
                .isPresent();
    }

    /** Whose log is there: the last that had one to bring. If none is known to, better a wrong number than none. */
    static OptionalInt earlier(List<AttemptRow> attempts, int number) {
        return number == 0
                ? OptionalInt.empty()
                : OptionalInt.of(attempts.stream()
                        .filter(row -> row.number() < number && row.startedEpochMillis() > 0)
                        .filter(row -> row.end()
                                .filter(end -> end == AttemptEnd.SUCCEEDED || end.spendsRetry())
                                .isPresent())
                        .mapToInt(AttemptRow::number)
                        .max()
                        .orElse(number - 1));
    }

    /** That of the submitting shell; an environment that can't be read is told by others. */
    private int umask(AttemptId id, JobCommand job) {
        try {
            String text = environments.environment(id.run(), job.environment()).getOrDefault(UMASK, "");
            return text.matches("[0-7]{1,4}") ? Integer.parseInt(text, 8) & ALL_PERMISSIONS : DEFAULT_UMASK;
        } catch (UncheckedIOException e) {
            return DEFAULT_UMASK;
        }
    }
}
