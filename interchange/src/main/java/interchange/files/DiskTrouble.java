package interchange.files;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.FileSystemException;
import java.util.Set;
import java.util.stream.Collectors;

/** Tells what a disk lacks for a while from what will never work. */
final class DiskTrouble {
    private static final int TEXT_BYTES_MAX = 256;

    /** EIO, EAGAIN, ENOMEM, ENFILE, EMFILE, ENOSPC, ENOTCONN, ETIMEDOUT, ESTALE and EDQUOT. */
    private static final Set<Integer> PASSING = Set.of(5, 11, 12, 23, 24, 28, 107, 110, 116, 122);

    /** Java tells an error only in the words of the C library, and those are in the language of the user. */
    private static final Set<String> PASSING_TEXTS = texts();

    private DiskTrouble() {}

    /** Whether the same may succeed later without anybody changing the workflow. */
    static boolean isPassing(IOException e) {
        return PASSING_TEXTS.contains(
                e instanceof FileSystemException named && named.getReason() != null
                        ? named.getReason()
                        : String.valueOf(e.getMessage()));
    }

    private static Set<String> texts() {
        Linker linker = Linker.nativeLinker();
        MethodHandle strerror = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));
        return PASSING.stream().map(number -> text(strerror, number)).collect(Collectors.toUnmodifiableSet());
    }

    private static String text(MethodHandle strerror, int number) {
        try {
            return ((MemorySegment) strerror.invokeExact(number))
                    .reinterpret(TEXT_BYTES_MAX)
                    .getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException("the C library has no text for its error " + number, e);
        }
    }
}
