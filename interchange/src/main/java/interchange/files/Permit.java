package interchange.files;

import java.nio.file.Path;

/**
 * What an attempt may have done with a file, by the journal alone.
 *
 * @param path on this host, absolute
 */
sealed interface Permit {
    Path path();

    record Input(Path path) implements Permit {}

    /** @param umask what others may not do with it, octal as usual */
    record Output(Path path, int umask) implements Permit {}

    /**
     * @param attempt its number: the log of the one before stays, under its own
     * @param umask likewise
     */
    record Log(Path path, int umask, int attempt) implements Permit {}
}
