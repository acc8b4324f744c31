package interchange.provider;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A shell script of ours, which lies beside the classes of this package. */
final class ShellScript {
    private ShellScript() {}

    /** Writes the one that belongs to this version; returns where it is. */
    static Path install(String name, Path directory) throws IOException {
        Path script = directory.resolve(name);
        Path fresh = directory.resolve(name + ".new");
        try (InputStream text = ShellScript.class.getResourceAsStream(name)) {
            if (text == null) {
                throw new IllegalStateException(name + " is missing from our jar");
            }
            Files.copy(text, fresh, StandardCopyOption.REPLACE_EXISTING);
        }
        // Running copies go on with the file that they have open.
        return Files.move(fresh, script, StandardCopyOption.ATOMIC_MOVE);
    }

    /** A word for a shell that means itself, whatever is in it. */
    static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
