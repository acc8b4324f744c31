package interchange.files;

import java.nio.file.Path;
import java.util.OptionalInt;

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
     * @param umask likewise
     * @param earlier the attempt whose log is there by what the journal knows, and stays under its number; empty: none
     */
    record Log(Path path, int umask, OptionalInt earlier) implements Permit {}
}
