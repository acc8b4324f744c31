package interchange.wire;

/** In what portions files travel: both ends must agree, and neither holds more of a file than one window. */
public final class Window {
    /** The longest piece, one message. */
    public static final int PIECE_BYTES = 256 * 1024;

    /** What may be under way of one file: whoever receives asks for the next when it has all of it. */
    public static final int BYTES = 4 * PIECE_BYTES;

    private Window() {}
}
