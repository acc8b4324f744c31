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

    /** Looks in a row that do not show a block, until it counts as gone. */
    private static final int ABSENT_MAX = 2;

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
        block.avoided = site.nodes.aside(state.millis());
        state.out.write(new Change.BlockIntended(id, site.index(), block.token, nodes, state.now.epochMillis()));
        state.out.perform(new Effect.SubmitBlock(id, site.index(), block.token, nodes, block.avoided));
        add(block);
    }

    void add(Block block) {
        block.askedMillis = state.millis();
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
            // Nobody waits for it any more: its answer took longer than we believed in it.
            state.out.perform(new Effect.CancelBlocks(Effect.CancelBlocks.ANY_SITE, List.of(id)));
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
        if (block == null || block.phase != BlockPhase.INTENDED) {
            return;
        }
        if (!event.certain()) {
            become(block, BlockPhase.INTENDED, Optional.empty(), event.message());
            return;
        }
        become(block, BlockPhase.FAILED, Optional.empty(), event.message());
        over(block);
    }

    /**
     * A look did not show it. Batch systems leave things out now and then: only the second in a row counts.
     *
     * @param askedMillis when the look was asked for
     */
    void onAbsent(Block block, long askedMillis) {
        long knownFor = askedMillis - block.knownSinceMillis;
        long patience = block.submitted() ? 0 : state.timing.intentWait().toMillis();
        if (knownFor <= patience || ++block.absentInARow < ABSENT_MAX) {
            return;
        }
        if (block.phase == BlockPhase.SUSPENDED) {
            wakes(block);
        }
        become(block, BlockPhase.GONE, Optional.empty(), "the batch system no longer knows it");
        // It may have lied: what is there ends its jobs and leaves, and what is not there yet never comes.
        block.workers.values().forEach(this::drain);
        over(block);
    }

    void onReport(Block block, BlockReport report) {
        block.absentInARow = 0;
        BlockPhase phase = report.phase();
        boolean again = phase == BlockPhase.QUEUED && block.phase != BlockPhase.INTENDED && block.phase != phase;
        if (again && isHeard(block)) {
            // The look was taken before it started.
            return;
        }
        boolean runs = phase == BlockPhase.RUNNING || phase == BlockPhase.SUSPENDED;
        if (phase == BlockPhase.RUNNING) {
            judgeSilence(block);
        }
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
        boolean doubtful = phase.over() && (block.hasOrphans() || someAreCutOff(block, report));
        become(block, doubtful ? BlockPhase.NODE_FAILED : phase, Optional.empty(), report.message());
        if (phase == BlockPhase.NODE_FAILED) {
            blame(block);
        }
        if (phase.over()) {
            over(block);
        }
    }

    /** What is not heard while its block runs is on a node that is cut off, perhaps: the others go on without it. */
    private void judgeSilence(Block block) {
        for (Worker worker : block.workers.values()) {
            worker.silentWhileRunning = block.nodes > 1 && worker.silent;
        }
    }

    /** Where the batch system's list of its nodes has become shorter, it has given up some; who is there may go on. */
    private static boolean someAreCutOff(Block block, BlockReport report) {
        boolean someLost = !report.nodes().isEmpty() && report.nodes().size() < block.nodes;
        for (Worker worker : block.workers.values()) {
            boolean given = someLost && !report.nodes().contains(worker.host);
            // Of an earlier start, perhaps, whose end nobody saw.
            boolean unheard = report.restarts() < 0 && !worker.connected();
            if (given || unheard || worker.silentWhileRunning) {
                return true;
            }
        }
        return false;
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
        if (phase == BlockPhase.RUNNING && block.phase != phase) {
            block.runningSinceMillis = state.millis();
        }
        block.phase = phase;
        batchId.ifPresent(id -> block.batchId = id);
        block.message = message;
        block.phaseEpochMillis = state.now.epochMillis();
        state.out.write(new Change.BlockBecame(block.id, phase, batchId, message, block.phaseEpochMillis));
    }

    private void over(Block block) {
        block.overSinceMillis = state.millis();
        if (block.phase == BlockPhase.FAILED && !block.proven) {
            blame(block);
        }
        // One that vanished before anything of it was heard has failed too: on many sites what ended at once is
        // forgotten.
        boolean vanished = block.phase == BlockPhase.GONE && !block.submitted();
        if (!block.proven && !block.releasing && !vanished) {
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

    private void blame(Block block) {
        block.nodeNames.forEach(node -> trouble(block.site, node, block.message));
    }

    private void failed(Block block) {
        SiteState site = block.site;
        // Those that were asked for together are one failure: no pause came between them.
        if (block.askedMillis >= site.failedMillis) {
            site.failuresInARow++;
        }
        site.failedMillis = state.millis();
        backOff(site, site.failuresInARow);
        String words = block.message.isEmpty() ? "a block ended before any of its workers was heard" : block.message;
        site.lastFailure = words;
        // Where others work, it is a limit that was met, perhaps, and time mends it.
        if (site.failuresInARow >= site.site.maxBlockFailures() && !worksElsewhere(site)) {
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

    private static boolean worksElsewhere(SiteState site) {
        for (Block other : site.blocks) {
            if (other.proven && !other.phase.over()) {
                return true;
            }
        }
        return false;
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
            if (block.phase == BlockPhase.GONE && block.submitted()) {
                // If it is there all the same, nobody would ever end it.
                state.out.perform(new Effect.CancelBlocks(block.site.index(), List.of(block.id)));
            }
            state.blocks.remove(block.id);
            state.blocksByToken.remove(block.token);
            block.site.blocks.remove(block);
        }
    }

    /** Whether the batch system's word is enough for its workers to count as dead. */
    boolean fenced(Block block) {
        return block.phase.endsForSure()
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
            String words = "block " + block.id + " runs, but none of its workers is heard; it is cancelled (its log:"
                    + " blocks/" + block.id + "-" + block.token + " in the daemon's home)";
            become(block, block.phase, Optional.empty(), words);
            failed(block);
        }
        return deaf;
    }
}
