package interchange.submit.output;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How much the user's terminal shows at once. */
public record TerminalSize(int rows, int columns) {
    /** That of the first terminals, and of most that do not say. */
    static final TerminalSize USUAL = new TerminalSize(24, 80);

    private static final Pattern FORM = Pattern.compile("([1-9][0-9]{0,3}) ([1-9][0-9]{0,3})\\s*");

    /** As it is now. Shells know it, too, but keep it to themselves: COLUMNS is no variable of the environment. */
    public static TerminalSize now() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var out = stty.getInputStream()) {
                return parse(new String(out.readAllBytes(), StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            return USUAL; // no terminal of our own, or no stty
        }
    }

    /** Of rows and columns, as stty says them. */
    static TerminalSize parse(String said) {
        Matcher matcher = FORM.matcher(said);
        return matcher.matches()
                ? new TerminalSize(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
                : USUAL;
    }
}
