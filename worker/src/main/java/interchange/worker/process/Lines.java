package interchange.worker.process;

import java.util.Arrays;

/** Reads numbers out of files of labelled lines, as /proc has them, without making texts of them. Stateless. */
final class Lines {
    private Lines() {}

    /** Where that which follows the label begins; -1: it isn't there. */
    static int after(byte[] label, byte[] text, int length) {
        int last = length - label.length;
        if (label.length == 0) {
            return length > 0 ? 0 : -1;
        }
        for (int at = 0; at <= last; at++) {
            if (text[at] == label[0] && Arrays.equals(text, at, at + label.length, label, 0, label.length)) {
                return at + label.length;
            }
        }
        return -1;
    }

    /** The first one from there on in the line; 0: there is none. */
    static long number(int from, byte[] text, int length) {
        int at = from;
        while (at < length && text[at] != '\n' && !isDigit(text[at])) {
            at++;
        }
        long value = 0;
        for (; at < length && isDigit(text[at]); at++) {
            value = value * 10 + (text[at] - '0');
        }
        return value;
    }

    private static boolean isDigit(byte one) {
        return one >= '0' && one <= '9';
    }
}
