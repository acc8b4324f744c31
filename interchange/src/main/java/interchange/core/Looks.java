package interchange.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** When batch systems are looked at, and what a look says: one for all blocks of a batch system. */
final class Looks {
    /** A look that is not answered by then is asked for again, and its answer is not taken any more. */
    private static final long ANSWER_MAX_MILLIS = 600_000;

    /** Between two looks when somebody waits for the end of blocks. */
    private static final long HURRY_MILLIS = 1_000;

    private final State state;
    private final BlockFlow blocks;

    /** By batch system. */
    @Fleeting
    private final Map<String, Look> latest = new HashMap<>();

    @Fleeting
    private long number;

    private record Look(long number, long askedMillis, boolean answered) {
        Look done() {
            return new Look(number, askedMillis, true);
        }
    }

    Looks(State state, BlockFlow blocks) {
        this.state = state;
        this.blocks = blocks;
    }

    /** @param hurried not to wait for the interval: somebody waits for the end of blocks */
    void onTick(boolean hurried) {
        open().forEach((batchSystem, open) -> {
            Look last = latest.get(batchSystem);
            if (last == null || isDue(last, open, hurried)) {
                ask(batchSystem, open);
            }
        });
    }

    private boolean isDue(Look last, List<Block> open, boolean hurried) {
        long since = state.millis() - last.askedMillis;
        if (!last.answered) {
            return since >= ANSWER_MAX_MILLIS;
        }
        return since >= (hurried ? Math.min(HURRY_MILLIS, intervalMillis(open)) : intervalMillis(open));
    }

    /** Of sites that differ the least: one look is for all. */
    private static long intervalMillis(List<Block> open) {
        long interval = Long.MAX_VALUE;
        for (Block block : open) {
            interval = Math.min(interval, block.site.site.pollInterval().toMillis());
        }
        return interval;
    }

    private void ask(String batchSystem, List<Block> open) {
        latest.put(batchSystem, new Look(++number, state.millis(), false));
        List<Integer> ids = open.stream().map(block -> block.id).toList();
        state.out.perform(new Effect.PollBlocks(batchSystem, number, ids));
    }

    private Map<String, List<Block>> open() {
        Map<String, List<Block>> open = new LinkedHashMap<>();
        for (Block block : state.blocks.values()) {
            if (!block.phase.over()) {
                open.computeIfAbsent(block.site.site.batchSystem(), key -> new ArrayList<>())
                        .add(block);
            }
        }
        return open;
    }

    void onPolled(Event.BlocksPolled event) {
        Optional<Look> look = take(event.batchSystem(), event.look());
        say(event.batchSystem(), "");
        for (Block block : open().getOrDefault(event.batchSystem(), List.of())) {
            BlockReport report = event.reports().get(block.id);
            if (report != null) {
                blocks.onReport(block, report);
            } else {
                look.ifPresent(asked -> blocks.onAbsent(block, asked.askedMillis));
            }
        }
    }

    void onFailed(Event.PollFailed event) {
        take(event.batchSystem(), event.look());
        say(event.batchSystem(), event.message());
    }

    private void say(String batchSystem, String failure) {
        for (SiteState site : state.sites.values()) {
            if (site.site.batchSystem().equals(batchSystem)) {
                site.lookFailure = failure;
            }
        }
    }

    /** The look that an answer is for; empty when it comes twice, or a later one was asked for meanwhile. */
    private Optional<Look> take(String batchSystem, long look) {
        Look last = latest.get(batchSystem);
        if (last == null || last.number != look || last.answered) {
            return Optional.empty();
        }
        latest.put(batchSystem, last.done());
        return Optional.of(last);
    }
}
