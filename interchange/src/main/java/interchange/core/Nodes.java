package interchange.core;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The nodes of a site, by the batch system's names: which of them fail again and again, and are set aside.
 *
 * <p>A node is to blame only when others of the site work meanwhile: what fails everywhere is the site's fault. Forgotten
 * when the daemon ends; a bad node is known again after its next few failures.
 */
final class Nodes {
    /** Failures without a success between them. */
    static final int TROUBLES_MAX = 3;

    /** Then it is tried again. */
    static final long ASIDE_MILLIS = 6 * 3_600_000L;

    /** What a batch system is asked to avoid in one block; more would not fit its command. */
    static final int AVOIDED_MAX = 100;

    private static final long NEVER = -1;

    @Fleeting
    private final Map<String, Node> known = new LinkedHashMap<>();

    private static final class Node {
        int troubles;
        long firstTroubleMillis;
        long goodMillis = NEVER;
        long asideMillis = NEVER;

        boolean isAside(long nowMillis) {
            return asideMillis != NEVER && nowMillis - asideMillis < ASIDE_MILLIS;
        }
    }

    /** A job has succeeded there. */
    void good(String name, long nowMillis) {
        Node node = node(name);
        node.goodMillis = nowMillis;
        node.troubles = 0;
    }

    /** A block or a worker has failed there. True when it is set aside for that, from now on. */
    boolean trouble(String name, long nowMillis) {
        if (name.isEmpty()) {
            return false;
        }
        Node node = node(name);
        if (node.troubles++ == 0) {
            node.firstTroubleMillis = nowMillis;
        }
        boolean toBlame = node.troubles >= TROUBLES_MAX && anotherWorkedSince(node) && mostWouldStay(nowMillis);
        if (!toBlame || node.isAside(nowMillis)) {
            return false;
        }
        node.asideMillis = nowMillis;
        node.troubles = 0;
        return true;
    }

    private boolean anotherWorkedSince(Node node) {
        return known.values().stream().anyMatch(other -> other != node && other.goodMillis >= node.firstTroubleMillis);
    }

    private boolean mostWouldStay(long nowMillis) {
        long aside =
                known.values().stream().filter(node -> node.isAside(nowMillis)).count();
        return 2 * (aside + 1) <= known.size();
    }

    boolean isAside(String name, long nowMillis) {
        Node node = known.get(name);
        return node != null && node.isAside(nowMillis);
    }

    /** Names of those that are set aside. */
    List<String> aside(long nowMillis) {
        return known.entrySet().stream()
                .filter(entry -> entry.getValue().isAside(nowMillis))
                .map(Map.Entry::getKey)
                .limit(AVOIDED_MAX)
                .toList();
    }

    /** All are taken up again. */
    void resume() {
        known.values().forEach(node -> node.asideMillis = NEVER);
    }

    private Node node(String name) {
        return known.computeIfAbsent(name, key -> new Node());
    }
}
