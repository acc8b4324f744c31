package interchange.daemon;

import interchange.journal.Journal;
import interchange.journal.JournalExportException;
import interchange.proto.control.DoneResponse;
import interchange.proto.control.Error;
import interchange.shared.Reasons;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes copies of the journal for people. Loader thread, since a copy may take a while. */
final class Exports {
    private final Journal journal;

    Exports(Journal journal) {
        this.journal = journal;
    }

    DoneResponse export(String name) throws RequestException {
        Path file = Path.of(name);
        if (!file.isAbsolute()) {
            throw new RequestException(
                    Error.Kind.USER, "'" + name + "' is not absolute, and the daemon's directory is not yours");
        }
        if (Files.exists(file)) {
            throw new RequestException(Error.Kind.USER, file + " exists already; give a new name, or remove it first");
        }
        try {
            journal.export(file);
        } catch (JournalExportException e) {
            throw new RequestException(Error.Kind.USER, Reasons.of(e));
        }
        return DoneResponse.newBuilder()
                .addMessages("wrote " + file + " (an SQLite database)")
                .build();
    }
}
