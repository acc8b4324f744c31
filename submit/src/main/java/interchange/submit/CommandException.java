package interchange.submit;

import java.util.List;

/** Ends a command: what is wrong, each message naming the thing, the cause and the next step. */
public final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final transient List<String> messages;

    public CommandException(Kind kind, List<String> messages) {
        super(String.join("\n", messages));
        this.kind = kind;
        this.messages = List.copyOf(messages);
    }

    public CommandException(Kind kind, String message) {
        this(kind, List.of(message));
    }

    public Kind kind() {
        return kind;
    }

    public List<String> messages() {
        return messages;
    }
}
