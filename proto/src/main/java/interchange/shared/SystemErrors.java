package interchange.shared;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.FileSystemException;
import java.util.Set;

/** Errors of the operating system by number: Java tells them in the C library's words alone, in the user's language. */
public final class SystemErrors {
    private static final int TEXT_BYTES_MAX = 256;

    private static final MethodHandle ERROR_TEXT = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("strerror"),
                    FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private SystemErrors() {}

    /** What the C library says of an error. */
    public static String text(int errno) {
        try {
            return ((MemorySegment) ERROR_TEXT.invokeExact(errno))
                    .reinterpret(TEXT_BYTES_MAX)
                    .getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("the C library has no text for its error " + errno, e);
        }
    }

    /** Whether an exception tells of one of these errors. */
    public static boolean isOneOf(IOException e, Set<Integer> errnos) {
        String words = e instanceof FileSystemException named && named.getReason() != null
                ? named.getReason()
                : String.valueOf(e.getMessage());
        return errnos.stream().map(SystemErrors::text).anyMatch(words::equals);
    }
}
