package interchange.submit.output;

import com.google.protobuf.MessageOrBuilder;
import interchange.submit.CommandException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.util.List;

/**
 * Where a command writes. Answers go to standard output, everything else to standard error.
 *
 * @param json whether the answer is for a script
 * @param terminal whether someone watches standard output
 */
public record Console(PrintStream out, PrintStream err, boolean json, boolean terminal) {

    public Console withJson(boolean wanted) {
        return new Console(out, err, wanted, terminal);
    }

    public void line(String text) {
        out.println(text);
    }

    /** A whole answer, as one JSON document on one line. */
    public void json(MessageOrBuilder message) {
        out.println(JsonText.of(message, JsonText.Defaults.SHOWN));
    }

    /** What the user should know though nothing failed; never mixed with an answer. */
    public void note(String text) {
        err.println("interchange: " + text);
    }

    /** Why the command failed: for people always, and for scripts in place of the answer. */
    public void error(CommandException problem) {
        for (String message : problem.messages()) {
            err.println("interchange: " + message);
        }
        if (json) {
            out.println(errorJson(problem.kind().name(), problem.messages()));
        }
        out.flush();
        err.flush();
    }

    private static String errorJson(String kind, List<String> messages) {
        StringWriter text = new StringWriter();
        try (var json = JsonText.writer(text)) {
            json.beginObject().name("error").beginObject();
            json.name("kind").value(kind).name("messages").beginArray();
            for (String message : messages) {
                json.value(message);
            }
            json.endArray().endObject().endObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to a string failed", e);
        }
        return text.toString();
    }
}
