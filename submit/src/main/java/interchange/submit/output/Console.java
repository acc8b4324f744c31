package interchange.submit.output;

import com.google.protobuf.MessageOrBuilder;
import interchange.submit.CommandException;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;

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

    /** Names and texts in the order given, as one JSON object on one line. */
    public void json(Map<String, String> fields) {
        out.println(JsonText.object(json -> {
            for (Map.Entry<String, String> field : fields.entrySet()) {
                json.name(field.getKey()).value(field.getValue());
            }
        }));
    }

    /** Texts under one name, as one JSON object on one line. */
    public void json(String name, List<String> texts) {
        out.println(JsonText.object(json -> JsonText.writeTexts(json, name, texts)));
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
        return JsonText.object(json -> JsonText.writeError(json, kind, messages));
    }
}
