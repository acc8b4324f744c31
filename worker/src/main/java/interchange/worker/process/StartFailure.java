package interchange.worker.process;

import interchange.shared.SystemErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Finds out what posix_spawn meant: it gives one number for everything that can go wrong in the child. */
final class StartFailure {
    private StartFailure() {}

    static NotStartedException of(Launch launch, int errno) {
        for (String log : List.of(launch.stdout(), launch.stderr())) {
            String trouble = openTrouble(log);
            if (!trouble.isEmpty()) {
                // The files are opened before the command is looked at, so it is their error.
                return NotStartedException.of("can't write " + log + ": " + trouble, errno);
            }
        }
        String command = launch.argv().getFirst();
        Path file =
                Executables.inDirectory(command, launch.directory()).toPath().normalize();
        if (command.indexOf('/') >= 0) {
            if (!Files.exists(file)) {
                return new NotStartedException("no such command: " + file);
            }
            if (errno == Libc.ERRNO_NOT_FOUND) {
                return new NotStartedException("the interpreter that " + file + " names in its first line is missing");
            }
        }
        return NotStartedException.of("can't run " + command + ": " + SystemErrors.text(errno), errno);
    }

    private static String openTrouble(String log) {
        try {
            Files.newOutputStream(Path.of(log), StandardOpenOption.CREATE, StandardOpenOption.APPEND)
                    .close();
            return "";
        } catch (IOException e) {
            String message = e.getMessage();
            return message == null || message.equals(log) ? e.getClass().getSimpleName() : message;
        }
    }
}
