package interchange.journal;

/**
 * A file that travels between the submit host and the directory of a job on its node.
 *
 * @param path on the submit host; absolute
 * @param name in the job's directory
 */
public record JobFile(String path, String name, Kind kind) {
    /** Which way it travels. */
    public enum Kind {
        INPUT(0),
        EXECUTABLE(1),
        OUTPUT(2);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** As in the journal; never changed once released. */
        public int code() {
            return code;
        }

        public static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no kind of file has the code " + code);
        }
    }
}
