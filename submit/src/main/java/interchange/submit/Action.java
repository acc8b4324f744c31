package interchange.submit;

import java.io.IOException;

/** One command, its arguments read. */
@FunctionalInterface
public interface Action {
    /** Does it, and gives the exit code. */
    int run(Session session) throws CommandException, IOException, InterruptedException;
}
