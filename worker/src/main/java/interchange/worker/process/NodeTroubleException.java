package interchange.worker.process;

/** A process could not be started for want of something on this node; the same may succeed later, or elsewhere. */
public final class NodeTroubleException extends NotStartedException {
    private static final long serialVersionUID = 1L;

    public NodeTroubleException(String message) {
        super(message);
    }
}
