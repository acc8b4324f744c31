package interchange.daemon;

import interchange.proto.control.Error;
import java.util.List;

/** A request that can't be answered as asked: what kind of trouble, in sentences that say what to do next. */
final class RequestException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Error.Kind kind;
    private final transient List<String> messages;

    RequestException(Error.Kind kind, List<String> messages) {
        super(String.join("\n", messages));
        this.kind = kind;
        this.messages = List.copyOf(messages);
    }

    RequestException(Error.Kind kind, String message) {
        this(kind, List.of(message));
    }

    static RequestException noRun(String name) {
        return new RequestException(
                Error.Kind.NOT_FOUND,
                "no run " + (name.isEmpty() ? "is named" : name) + "; `interchange list --all` shows the runs");
    }

    static RequestException noJob(String job, int run) {
        return new RequestException(
                Error.Kind.NOT_FOUND,
                "run " + run + " has no job '" + job + "'; `interchange jobs " + run + "` shows its jobs");
    }

    Error.Kind kind() {
        return kind;
    }

    List<String> messages() {
        return messages;
    }

    Error toError() {
        return Error.newBuilder().setKind(kind).addAllMessages(messages).build();
    }
}
