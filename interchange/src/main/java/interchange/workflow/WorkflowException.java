package interchange.workflow;

import java.util.List;

/** A workflow of the user that can't be: every problem at once, each a sentence for people, with file and line. */
public final class WorkflowException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public WorkflowException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
        return problems;
    }
}
