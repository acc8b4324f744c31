package interchange.worker.process;

import interchange.shared.SystemErrors;
import java.io.IOException;
import java.util.Set;

/** A process could not be started; the message names what was missing or refused. */
public sealed class NotStartedException extends Exception permits NodeTroubleException {
    private static final long serialVersionUID = 1L;

    /** EIO, EAGAIN, ENOMEM, ENFILE, EMFILE, ENOSPC, ESTALE and EDQUOT: no job is to blame for them. */
    private static final Set<Integer> OF_THE_NODE = Set.of(5, 11, 12, 23, 24, 28, 116, 122);

    public NotStartedException(String message) {
        super(message);
    }

    static NotStartedException of(String message, int errno) {
        return OF_THE_NODE.contains(errno) ? new NodeTroubleException(message) : new NotStartedException(message);
    }

    public static NotStartedException of(String message, IOException cause) {
        boolean ofTheNode = SystemErrors.isOneOf(cause, OF_THE_NODE);
        String all = message + ": " + cause;
        return ofTheNode ? new NodeTroubleException(all) : new NotStartedException(all);
    }
}
