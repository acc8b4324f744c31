package interchange.files;

/** Where it is shown that files can't be written now. */
public interface Troubled {
    void begin(String text);

    void end();
}
