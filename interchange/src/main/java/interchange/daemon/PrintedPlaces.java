package interchange.daemon;

import interchange.core.AttemptId;
import interchange.files.Partials;
import interchange.journal.JobSpec;
import interchange.journal.JournalReader;
import interchange.pack.PackName;
import interchange.proto.control.Printed;
import interchange.site.SiteConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Says where what the attempts of one job printed may be: by who ran them. */
final class PrintedPlaces {
    private final int run;
    private final JobSpec spec;
    private final Optional<Path> directory;
    private final Map<Integer, JournalReader.Runner> runners;

    PrintedPlaces(JournalReader reader, PackPlaces packs, int run, JobSpec spec) {
        this.run = run;
        this.spec = spec;
        directory = packs.directory(run, spec.stdout(), spec.stderr());
        runners = reader.runners(run, spec.job());
    }

    /** Empty, where the files of the job are all that there can be. */
    Printed of(int number) {
        JournalReader.Runner runner = runners.get(number);
        if (runner == null) {
            return Printed.getDefaultInstance();
        }
        AttemptId attempt = new AttemptId(run, spec.job(), number);
        if (!spec.files().isEmpty()) {
            // What it prints travels as its files do.
            return streamed(attempt);
        }
        return switch (SiteConfig.logs(runner.site())) {
            case FILES -> Printed.getDefaultInstance();
            case PACK -> packed(runner);
            case STREAM -> streamed(attempt);
        };
    }

    private Printed packed(JournalReader.Runner runner) {
        Printed.Builder places = Printed.newBuilder();
        directory
                .map(all -> all.resolve(PackName.of(run, runner.host(), runner.incarnation())))
                .map(Path::toString)
                .ifPresent(places::setPack);
        return places.build();
    }

    private Printed streamed(AttemptId attempt) {
        return Printed.newBuilder()
                .setStdoutPart(
                        Partials.ofStdout(attempt, Path.of(spec.stdout())).toString())
                .setStderrPart(
                        Partials.ofStderr(attempt, Path.of(spec.stderr())).toString())
                .build();
    }
}
