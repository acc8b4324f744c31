package interchange.daemon;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Java's exceptions in words for people: many of them say the file and leave out what is wrong with it. */
final class Words {
    private Words() {}

    static String of(Exception e) {
        return switch (e) {
            case AccessDeniedException x -> "no permission for " + x.getFile();
            case NoSuchFileException x -> "there is no " + x.getFile();
            case NotDirectoryException x -> x.getFile() + " is not a directory";
            case FileAlreadyExistsException x -> x.getFile() + " exists already";
            case FileSystemException x -> x.getFile() + ": " + x.getReason();
            case UncheckedIOException x when x.getCause() instanceof Exception cause -> of(cause);
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
