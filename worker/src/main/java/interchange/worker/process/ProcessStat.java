package interchange.worker.process;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What /proc/PID/stat says of a process.
 *
 * @param startTicks since boot; tells a process from a later one of the same id
 */
record ProcessStat(int pid, char state, int parent, int group, int session, long startTicks, long residentPages) {
    /** Fields are counted from 1 in proc(5); those after the name begin with the third. */
    private static final int FIRST_FIELD = 3;

    private static final int PARENT = 4;
    private static final int GROUP = 5;
    private static final int SESSION = 6;
    private static final int START = 22;
    private static final int RESIDENT = 24;
    private static final byte[] TOKEN = (Launch.TOKEN + '=').getBytes(StandardCharsets.US_ASCII);

    /** Empty when there is no such process any more. */
    static Optional<ProcessStat> read(int pid, byte[] buffer) {
        int length = readFile("/proc/" + pid + "/stat", buffer);
        return length <= 0 ? Optional.empty() : Optional.of(parse(pid, buffer, length));
    }

    static ProcessStat parse(int pid, byte[] text, int length) {
        int at = length - 1;
        // The name may hold anything, also a bracket: the last one ends it.
        while (text[at] != ')') {
            at--;
        }
        char state = (char) text[at + 2];
        long[] fields = new long[RESIDENT + 1];
        at += 4;
        for (int field = FIRST_FIELD + 1; field <= RESIDENT; field++) {
            long value = 0;
            boolean negative = text[at] == '-';
            for (at += negative ? 1 : 0; text[at] != ' '; at++) {
                value = value * 10 + (text[at] - '0');
            }
            at++;
            fields[field] = negative ? -value : value;
        }
        return new ProcessStat(
                pid,
                state,
                (int) fields[PARENT],
                (int) fields[GROUP],
                (int) fields[SESSION],
                fields[START],
                fields[RESIDENT]);
    }

    /** Which attempt a process came from; empty when it doesn't say, as a zombie never does. */
    static String attemptToken(int pid) {
        byte[] all = new byte[0];
        try (var environ = new FileInputStream("/proc/" + pid + "/environ")) {
            all = environ.readAllBytes();
        } catch (IOException e) {
            return ""; // Gone, or of another user: not ours to know.
        }
        for (int start = 0; start < all.length; ) {
            int end = start;
            while (end < all.length && all[end] != 0) {
                end++;
            }
            if (startsWithToken(all, start, end)) {
                String shown =
                        new String(all, start + TOKEN.length, end - start - TOKEN.length, StandardCharsets.UTF_8);
                // Templates have room behind theirs for those of their forks.
                return shown.stripTrailing();
            }
            start = end + 1;
        }
        return "";
    }

    private static boolean startsWithToken(byte[] all, int start, int end) {
        return end - start >= TOKEN.length && Arrays.equals(all, start, start + TOKEN.length, TOKEN, 0, TOKEN.length);
    }

    static int readFile(String path, byte[] buffer) {
        try (var file = new FileInputStream(path)) {
            return file.read(buffer);
        } catch (IOException e) {
            return -1; // It has ended meanwhile.
        }
    }
}
