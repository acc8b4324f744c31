package interchange.core;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A block that is not over, or has workers that may still be alive. */
final class Block {
    /** From a block's start until the workers of all its nodes should have been heard. */
    static final long LATE_MILLIS = 600_000;

    @Durable
    final int id;

    @Durable
    final SiteState site;

    @Durable
    final String token;

    @Durable
    final int nodes;

    @Durable
    final long intendedEpochMillis;

    @Durable
    BlockPhase phase = BlockPhase.INTENDED;

    /** Empty: not known yet. */
    @Durable
    String batchId = "";

    @Durable
    String message = "";

    @Durable
    long phaseEpochMillis;

    /** Workers that have not left, by place. */
    @Durable
    final Map<Place, Worker> workers = new LinkedHashMap<>();

    /** Places whose worker was not heard until its lease ended, and nobody since: perhaps something is stuck there. */
    @Fleeting
    final Set<Place> lost = new HashSet<>();

    /** Places whose worker said Goodbye. */
    @Fleeting
    final Set<Place> left = new HashSet<>();

    /** How often it was started anew, as its workers say. */
    @Fleeting
    int heardRestarts;

    /** The same, as far as anybody knows: its present start may not have been heard yet. */
    @Fleeting
    int restarts;

    /** Where it runs, by the batch system's names; empty: not known. */
    @Fleeting
    List<String> nodeNames = List.of();

    /** Nodes that the batch system was asked to leave out. */
    @Fleeting
    List<String> avoided = List.of();

    /** An earlier daemon asked for it. */
    @Fleeting
    boolean recovered;

    /** Looks in a row that did not show it. */
    @Fleeting
    int absentInARow;

    @Fleeting
    long askedMillis;

    /** Since when it runs, as far as this daemon knows. */
    @Fleeting
    long runningSinceMillis;

    /** We asked for its end. */
    @Fleeting
    boolean releasing;

    @Fleeting
    long releasedAtMillis;

    /** A worker of it has said Hello: it works. */
    @Fleeting
    boolean proven;

    /** A job was given to it. */
    @Fleeting
    boolean worked;

    /** Since when this daemon has known of it. */
    @Fleeting
    long knownSinceMillis;

    @Fleeting
    long overSinceMillis;

    @Fleeting
    long idleSinceMillis;

    /** Since when it runs and has no worker; negative: it has, or does not run. */
    @Fleeting
    long deafSinceMillis = -1;

    /** Negative: not known. */
    @Fleeting
    long endMillis = -1;

    @Fleeting
    long jobsDone;

    Block(int id, SiteState site, String token, int nodes, long intendedEpochMillis) {
        this.id = id;
        this.site = site;
        this.token = token;
        this.nodes = nodes;
        this.intendedEpochMillis = intendedEpochMillis;
        this.phaseEpochMillis = intendedEpochMillis;
    }

    boolean submitted() {
        return !batchId.isEmpty();
    }

    /** Brings workers, now or later. */
    boolean active() {
        return !phase.over() && !releasing;
    }

    /** Nodes of it that have no worker yet, and may have one: those that are late don't count any more. */
    int nodesToCome(long nowMillis) {
        boolean waits = phase == BlockPhase.INTENDED || phase == BlockPhase.QUEUED;
        if (!active() || (!waits && nowMillis - runningSinceMillis > LATE_MILLIS)) {
            return 0;
        }
        return waits ? nodes : Math.max(0, nodes - present() - lost.size() - left.size());
    }

    /** Workers of its latest start that was heard; of earlier ones some may not be surely dead. */
    private int present() {
        int present = 0;
        for (Place place : workers.keySet()) {
            present += place.restarts() == heardRestarts ? 1 : 0;
        }
        return present;
    }

    /** Whether some worker is of an earlier start, of whose end the batch system says nothing: its node may have failed. */
    boolean hasOrphans() {
        for (Place place : workers.keySet()) {
            if (place.restarts() < restarts) {
                return true;
            }
        }
        return false;
    }

    /** The batch system is to start it again, by itself. */
    void startsAnew() {
        lost.clear();
        left.clear();
        nodeNames = List.of();
        deafSinceMillis = -1;
    }
}
