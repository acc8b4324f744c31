package interchange.provider;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A command of a batch system that is to be run.
 *
 * @param stdin what it reads; empty: nothing
 * @param environment over that of the daemon
 */
public record Call(List<String> argv, String stdin, Duration timeout, Map<String, String> environment) {
    public Call {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
    }
}
