package interchange.daemon;

import interchange.core.BlockReport;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.provider.Call;
import interchange.provider.Provider;
import interchange.provider.ProviderException;
import interchange.shared.Reasons;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One look at a batch system, from its beginning to the event that tells what it showed: blocks of which only the token is
 * known are found, all are polled, and what a poll can't tell is asked for.
 */
final class BlockLook {
    private static final Logger LOG = LoggerFactory.getLogger(BlockLook.class);

    private final Effect.PollBlocks asked;
    private final Provider provider;
    private final BatchSystems systems;
    private final KnownBlocks known;
    private final BlockFiles files;
    private final Consumer<Event> events;

    /** What was shown of ours, by our id. */
    private final Map<Integer, BlockReport> reports = new HashMap<>();

    BlockLook(
            Effect.PollBlocks asked,
            Provider provider,
            BatchSystems systems,
            KnownBlocks known,
            BlockFiles files,
            Consumer<Event> events) {
        this.asked = asked;
        this.provider = provider;
        this.systems = systems;
        this.known = known;
        this.files = files;
        this.events = events;
    }

    /**
     * @param submitted told of each that was found: our id, and the batch system's
     * @param cancel ends those that would never start
     */
    void begin(BiConsumer<Integer, String> submitted, Consumer<List<String>> cancel) {
        Map<String, Integer> byToken = known.byToken(asked.blocks());
        if (byToken.isEmpty()) {
            poll(cancel);
            return;
        }
        systems.ask(
                provider,
                provider.find(List.copyOf(byToken.keySet())),
                provider::parseFound,
                found -> {
                    found.forEach((token, batchId) -> {
                        Integer block = byToken.get(token);
                        if (block != null) {
                            submitted.accept(block, batchId);
                        }
                    });
                    poll(cancel);
                },
                this::failed);
    }

    private void poll(Consumer<List<String>> cancel) {
        Map<String, Integer> byBatchId = known.byBatchId(asked.blocks());
        if (byBatchId.isEmpty()) {
            tell();
            return;
        }
        systems.ask(
                provider,
                provider.poll(List.copyOf(byBatchId.keySet())),
                provider::parsePolled,
                shown -> {
                    take(shown, byBatchId);
                    endStuck(byBatchId, cancel);
                    lookBack(byBatchId);
                },
                this::failed);
    }

    private void take(Map<String, BlockReport> shown, Map<String, Integer> byBatchId) {
        shown.forEach((batchId, report) -> {
            Integer block = byBatchId.get(batchId);
            if (block != null) {
                reports.put(block, report);
            }
        });
    }

    private void endStuck(Map<String, Integer> byBatchId, Consumer<List<String>> cancel) {
        List<String> stuck = byBatchId.entrySet().stream()
                .filter(entry -> Optional.ofNullable(reports.get(entry.getValue()))
                        .filter(provider::isStuck)
                        .isPresent())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (!stuck.isEmpty()) {
            LOG.warn("Blocks {} would never start, and are cancelled.", stuck);
            cancel.accept(stuck);
        }
    }

    /** What a poll does not show may be on record, where there is one; where it is not, that is all that is known. */
    private void lookBack(Map<String, Integer> byBatchId) {
        List<String> absent = byBatchId.entrySet().stream()
                .filter(entry -> !reports.containsKey(entry.getValue()))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        Optional<Call> back = absent.isEmpty() ? Optional.empty() : provider.lookBack(absent);
        if (back.isEmpty()) {
            countRestarts(byBatchId);
            return;
        }
        systems.ask(
                provider,
                back.get(),
                provider::parseLookedBack,
                shown -> {
                    take(shown, byBatchId);
                    countRestarts(byBatchId);
                },
                e -> {
                    LOG.warn("What became of blocks {} can't be read: {}", absent, Reasons.of(e));
                    countRestarts(byBatchId);
                });
    }

    /** The end of a block says nothing of an earlier start of it whose node failed: that there was one must be known. */
    private void countRestarts(Map<String, Integer> byBatchId) {
        List<String> over = byBatchId.entrySet().stream()
                .filter(entry -> Optional.ofNullable(reports.get(entry.getValue()))
                        .filter(report -> report.phase().over() && report.restarts() < 0)
                        .isPresent())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        Optional<Call> count = over.isEmpty() ? Optional.empty() : provider.countRestarts(over);
        if (count.isEmpty()) {
            tell();
            return;
        }
        systems.ask(
                provider,
                count.get(),
                provider::parseRestarts,
                restarts -> {
                    restarts.forEach((batchId, number) -> reports.computeIfPresent(
                            byBatchId.getOrDefault(batchId, -1), (block, report) -> report.startedAgain(number)));
                    tell();
                },
                e -> {
                    LOG.warn("How often blocks {} were started can't be read: {}", over, Reasons.of(e));
                    tell();
                });
    }

    private void tell() {
        reports.replaceAll(this::explained);
        events.accept(new Event.BlocksPolled(asked.batchSystem(), asked.look(), reports));
        reports.forEach((block, report) -> {
            if (report.phase().over()) {
                known.forget(block);
            }
        });
    }

    /** A script that failed has said why; its batch system knows the exit code alone. */
    private BlockReport explained(int block, BlockReport report) {
        String words = report.phase().failed()
                ? known.token(block).map(token -> files.lastWords(block, token)).orElse("")
                : "";
        if (words.isEmpty() || report.message().contains(words)) {
            return report;
        }
        return report.saying(report.message().isEmpty() ? words : report.message() + "; its log ends: " + words);
    }

    private void failed(ProviderException e) {
        failed(asked, e, events);
    }

    /** For a provider that could not be made ready. */
    static void failed(Effect.PollBlocks asked, ProviderException e, Consumer<Event> events) {
        LOG.warn("Batch system '{}' can't be looked at: {}", asked.batchSystem(), Reasons.of(e));
        events.accept(new Event.PollFailed(asked.batchSystem(), asked.look(), Reasons.of(e)));
    }
}
