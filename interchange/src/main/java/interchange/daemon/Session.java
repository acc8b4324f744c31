package interchange.daemon;

import interchange.site.SiteConfig;
import java.util.HashSet;
import java.util.Set;

/** What the daemon keeps of one session: where it is, and what its worker has been sent. */
final class Session {
    private final long number;
    private final long link;
    private final Set<Long> environments = new HashSet<>();
    private final SiteConfig.Logs logs;
    private long sequence;

    Session(long number, long link, SiteConfig.Logs logs) {
        this.number = number;
        this.link = link;
        this.logs = logs;
    }

    /** How what its jobs print gets to where it belongs. */
    SiteConfig.Logs logs() {
        return logs;
    }

    long number() {
        return number;
    }

    long link() {
        return link;
    }

    /** Counts the messages of the session, from 1, so that the worker notices one that is missing. */
    long nextSequence() {
        sequence++;
        return sequence;
    }

    boolean hasEnvironment(long environment) {
        return environments.contains(environment);
    }

    void sentEnvironment(long environment) {
        environments.add(environment);
    }
}
