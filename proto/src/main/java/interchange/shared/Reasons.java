package interchange.shared;

import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Java's exceptions in words for people: many of them say the file and leave out what is wrong with it. */
public final class Reasons {
    private Reasons() {}

    public static String of(Exception e) {
        return switch (e) {
            case AccessDeniedException x -> "no permission for " + x.getFile();
            case NoSuchFileException x -> "there is no " + x.getFile();
            case NotDirectoryException x -> x.getFile() + " is not a directory";
            case FileAlreadyExistsException x -> x.getFile() + " exists already";
            case FileSystemException x -> x.getFile() + ": " + (x.getReason() == null ? "it failed" : x.getReason());
            case MalformedInputException x -> "not text in UTF-8";
            case UnknownHostException x -> "unknown host " + x.getMessage();
            case UncheckedIOException x when x.getCause() instanceof Exception cause -> of(cause);
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }
}
