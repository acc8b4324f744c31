package interchange.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Blocks from their intent to their end, and what their failures mean for a site. */
final class BlockFlow {
    /** Token letters: a token begins with one, and fits the names of the narrowest batch system (15 characters). */
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

    private static final String LETTERS_AND_DIGITS = LETTERS + "0123456789";
    private static final int TOKEN_LENGTH = 15;

    /** How long nothing is asked of a site after so many failures in a row; the last one from then on. */
    private static final long[] BACK_OFF_SECONDS = {0, 5, 30, 60, 300, 900};

    /** When a block that was let go is not over by then, it is cancelled again. */
    private static final long CANCEL_AGAIN_MILLIS = 30_000;

    private final State state;
    private final RandomGenerator random;

    BlockFlow(State state, RandomGenerator random) {
        this.state = state;
        this.random = random;
    }

    void ask(SiteState site) {
        int id = state.nextBlock++;
        int nodes = site.site.nodesPerBlock();
        Block block = new Block(id, site, drawToken(), nodes, state.now.epochMillis());
        state.out.write(new Change.BlockIntended(id, site.index(), block.token, nodes, state.now.epochMillis()));
        state.out.perform(
                new Effect.SubmitBlock(id, site.index(), block.token, nodes, site.nodes.aside(state.millis())));
        add(block);
    }

    void add(Block block) {
        block.knownSinceMillis = state.millis();
        block.idleSinceMillis = state.millis();
        state.blocks.put(block.id, block);
        state.blocksByToken.put(block.token, block);
        block.site.blocks.add(block);
    }

    private String drawToken() {
        StringBuilder token = new StringBuilder();
        token.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        while (token.length() < TOKEN_LENGTH) {
            token.append(LETTERS_AND_DIGITS.charAt(random.nextInt(LETTERS_AND_DIGITS.length())));
        }
        return token.toString();
    }

    // ---- answers

    void onSubmitted(int id, String batchId) {
        Block block = state.blocks.get(id);
        if (block == null) {
            return;
        }
        if (!block.submitted()) {
            block.knownSinceMillis = state.millis();
            BlockPhase phase = block.phase == BlockPhase.INTENDED ? BlockPhase.QUEUED : block.phase;
            become(block, phase, Optional.of(batchId), block.message);
        }
        if (block.releasing) {
            cancel(List.of(block));
        }
    }

    void onRefused(Event.BlockRefused event) {
        Block block = state.blocks.get(event.block());
        if (block == null || block.phase != BlockPhase.INTENDED || !event.certain()) {
            return;
        }
        become(block, BlockPhase.FAILED, Optional.empty(), event.message());
        over(block);
    }

    /** @param askedMillis when the look was asked for that did not show it */
    void onAbsent(Block block, long askedMillis) {
        long knownFor = askedMillis - block.knownSinceMillis;
        long patience = block.submitted() ? 0 : state.timing.intentWait().toMillis();
        if (knownFor > patience) {
            become(block, BlockPhase.GONE, Optional.empty(), "the batch system no longer knows it");
            // It may have lied: what is there ends its jobs and leaves.
            block.workers.values().forEach(this::drain);
            over(block);
        }
    }

    void onReport(Block block, BlockReport report) {
        BlockPhase phase = report.phase();
        boolean again = phase == BlockPhase.QUEUED && block.phase != BlockPhase.INTENDED && block.phase != phase;
        if (again && isHeard(block)) {
            // The look was taken before it started.
            return;
        }
        boolean runs = phase == BlockPhase.RUNNING || phase == BlockPhase.SUSPENDED;
        block.endMillis =
                runs && report.remainingSeconds() >= 0 ? state.millis() + report.remainingSeconds() * 1_000 : -1;
        if (!report.nodes().isEmpty()) {
            block.nodeNames = report.nodes();
        }
        if (again) {
            block.startsAnew();
            // Whoever is still there is of the start before.
            block.restarts++;
        }
        block.restarts = Math.max(block.restarts, report.restarts());
        if (phase == block.phase && report.message().equals(block.message)) {
            return;
        }
        if (phase != block.phase && block.phase == BlockPhase.SUSPENDED) {
            wakes(block);
        }
        // It ends by the batch system's word alone only what that word is about.
        become(
                block,
                phase.over() && block.hasOrphans() ? BlockPhase.NODE_FAILED : phase,
                Optional.empty(),
                report.message());
        if (phase.over()) {
            over(block);
        }
    }

    private static boolean isHeard(Block block) {
        for (Worker worker : block.workers.values()) {
            if (worker.connected() && !worker.silent && worker.place.restarts() == block.heardRestarts) {
                return true;
            }
        }
        return false;
    }

    /** What its workers may still run, and whether they are heard, is seen as if we had just spoken to them. */
    private void wakes(Block block) {
        for (Worker worker : block.workers.values()) {
            worker.lastSentMillis = state.millis();
            worker.lastHeardMillis = state.millis();
        }
    }

    /** A worker of it says Hello: the site works. */
    void onHeard(Block block) {
        if (!block.proven) {
            block.proven = true;
            SiteState site = block.site;
            site.lastFailure = "";
            if (site.failuresInARow > 0 || site.isBroken()) {
                whole(site);
            }
        }
        if (block.phase == BlockPhase.INTENDED || block.phase == BlockPhase.QUEUED) {
            become(block, BlockPhase.RUNNING, Optional.empty(), "");
        }
    }

    void onResumed(int index) {
        SiteState site = state.sites.get(index);
        if (site != null) {
            whole(site);
            site.nodes.resume();
        }
    }

    private void whole(SiteState site) {
        site.failuresInARow = 0;
        site.broken = "";
        site.nextSubmitMillis = 0;
        site.fruitlessInARow = 0;
        state.out.write(new Change.SiteBecame(site.index(), 0, ""));
    }

    // ---- ends

    private void become(Block block, BlockPhase phase, Optional<String> batchId, String message) {
        block.phase = phase;
        batchId.ifPresent(id -> block.batchId = id);
        block.message = message;
        block.phaseEpochMillis = state.now.epochMillis();
        state.out.write(new Change.BlockBecame(block.id, phase, batchId, message, block.phaseEpochMillis));
    }

    private void over(Block block) {
        block.overSinceMillis = state.millis();
        if (block.phase == BlockPhase.NODE_FAILED || block.phase == BlockPhase.FAILED && !block.proven) {
            block.nodeNames.forEach(node -> trouble(block.site, node, block.message));
        }
        if (!block.proven && !block.releasing && block.phase != BlockPhase.GONE) {
            if (isOnNodesAside(block)) {
                fruitless(block);
            } else {
                failed(block);
            }
        } else if (block.proven && !block.worked) {
            fruitless(block);
        }
        forgetIfDone(block);
    }

    private void failed(Block block) {
        SiteState site = block.site;
        site.failuresInARow++;
        backOff(site, site.failuresInARow);
        String words = block.message.isEmpty() ? "a block ended before any of its workers was heard" : block.message;
        site.lastFailure = words;
        if (site.failuresInARow >= site.site.maxBlockFailures()) {
            site.broken = words;
        }
        state.out.write(new Change.SiteBecame(site.index(), site.failuresInARow, site.broken));
        state.out.perform(new Effect.Notice("site '" + site.site.name() + "': block " + block.id + " failed ("
                + site.failuresInARow + " in a row): " + words
                + (site.isBroken()
                        ? "; the site is broken: no more blocks are asked for until `interchange sites --resume "
                                + site.site.name() + "`"
                        : "")));
    }

    /** Its nodes are to blame, and not the site. */
    private boolean isOnNodesAside(Block block) {
        return !block.nodeNames.isEmpty()
                && block.nodeNames.stream().allMatch(node -> block.site.nodes.isAside(node, state.millis()));
    }

    /** Nothing that waits could run there, or it was taken away at once: the next one will hardly do better. */
    private void fruitless(Block block) {
        SiteState site = block.site;
        if (site.waitingJobs() > 0 && state.stopping.isEmpty()) {
            site.fruitlessInARow++;
            backOff(site, site.fruitlessInARow);
            state.out.perform(new Effect.Notice("site '" + site.site.name() + "': block " + block.id
                    + " ended without having run a job, though " + site.waitingJobs()
                    + " wait; `interchange explain` says what they lack"));
        }
    }

    private void backOff(SiteState site, int times) {
        int step = Math.min(times, BACK_OFF_SECONDS.length - 1);
        site.nextSubmitMillis = state.millis() + BACK_OFF_SECONDS[step] * 1_000;
    }

    /** Something failed on a node. One that fails again and again is set aside, and the others go on. */
    void trouble(SiteState site, String node, String words) {
        if (site.nodes.trouble(node, state.millis())) {
            state.out.perform(new Effect.Notice("site '" + site.site.name() + "': node " + node
                    + " failed again and again and is set aside: " + words));
            if (site.failuresInARow > 0 && !site.isBroken()) {
                whole(site);
            }
            for (Worker worker : List.copyOf(site.workers)) {
                if (worker.host.equals(node)) {
                    drain(worker);
                }
            }
        }
    }

    /** A worker of it was not heard until its lease ended. A block of which nothing is heard any more is ended. */
    void lost(Block block, Place place) {
        block.lost.add(place);
        if (block.active() && block.workers.isEmpty() && block.lost.size() >= block.nodes) {
            cancel(List.of(block));
        }
    }

    /** Nothing more is to be known of a block that is over and has no workers left. */
    void forgetIfDone(Block block) {
        if (block.phase.over() && block.workers.isEmpty()) {
            state.blocks.remove(block.id);
            state.blocksByToken.remove(block.token);
            block.site.blocks.remove(block);
        }
    }

    /** Whether the batch system's word is enough for its workers to count as dead. */
    boolean fenced(Block block) {
        boolean certain = block.phase == BlockPhase.ENDED || block.phase == BlockPhase.FAILED;
        return certain
                && state.millis() - block.overSinceMillis
                        > state.timing.blockEndWait().toMillis();
    }

    // ---- letting go

    /** Asks workers to leave and, where that can't be all, the batch system to end the block. */
    void release(Block block) {
        block.releasing = true;
        block.releasedAtMillis = state.millis();
        block.workers.values().forEach(this::drain);
        if (block.nodes > block.workers.size()) {
            cancel(List.of(block));
        }
    }

    /** It takes nothing new, and leaves when what it runs has ended. */
    void drain(Worker worker) {
        worker.draining = true;
        worker.site.roomy.remove(worker);
        if (worker.connected()) {
            state.out.perform(new Effect.DrainWorker(worker.session));
        }
    }

    void cancel(List<Block> blocks) {
        List<Integer> ids = new ArrayList<>();
        for (Block block : blocks) {
            block.releasing = true;
            block.releasedAtMillis = state.millis();
            ids.add(block.id);
        }
        if (!ids.isEmpty()) {
            state.out.perform(new Effect.CancelBlocks(blocks.getFirst().site.index(), ids));
        }
    }

    void onTick() {
        for (SiteState site : state.sites.values()) {
            List<Block> overdue = new ArrayList<>();
            for (Block block : site.blocks) {
                boolean waited = state.millis() - block.releasedAtMillis > CANCEL_AGAIN_MILLIS;
                if (block.releasing && !block.phase.over() && waited || isDeaf(block)) {
                    overdue.add(block);
                }
            }
            cancel(overdue);
        }
    }

    /** It runs, and for as long as a lease lasts none of its workers has been heard: it holds nodes for nothing. */
    private boolean isDeaf(Block block) {
        if (!block.active() || block.phase != BlockPhase.RUNNING || !block.workers.isEmpty()) {
            block.deafSinceMillis = -1;
            return false;
        }
        if (block.deafSinceMillis < 0) {
            block.deafSinceMillis = state.millis();
        }
        boolean deaf = state.millis() - block.deafSinceMillis
                > block.site.site.disconnectGrace().toMillis();
        if (deaf) {
            state.out.perform(new Effect.Notice("site '" + block.site.site.name() + "': block " + block.id
                    + " runs, but none of its workers is heard; it is cancelled (its log: blocks/" + block.id
                    + "-" + block.token + " in the daemon's home)"));
        }
        return deaf;
    }
}
