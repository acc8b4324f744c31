package interchange.submit.command;

import interchange.proto.control.Response;
import interchange.submit.output.Console;

/** Shows the answer of an operation that has nothing to tell but that it was done. */
final class Done {
    private Done() {}

    static void show(Response response, Console console) {
        if (console.json()) {
            console.json(response.getDone());
        } else {
            response.getDone().getMessagesList().forEach(console::line);
        }
    }
}
