package interchange.daemon;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Recovered;
import interchange.provider.Answer;
import interchange.provider.BatchRunner;
import interchange.provider.BlockRequest;
import interchange.provider.Call;
import interchange.provider.Provider;
import interchange.provider.ProviderException;
import interchange.shared.Reasons;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks batch systems for what was decided, and brings their answers back as events. Called on the conductor's thread,
 * which must never wait for room in its own inbox: commands run on the runner's threads, files are made and looks begun on
 * the preparer's, and only these give events.
 */
final class Blocks {
    private static final Logger LOG = LoggerFactory.getLogger(Blocks.class);

    private final Sites sites;
    private final BlockFiles files;
    private final BatchRunner runner;
    private final Executor preparer;
    private final Consumer<Event> events;

    /** Blocks that are not over, as far as we know. */
    private final Map<Integer, Known> known = new ConcurrentHashMap<>();

    /** By batch system: what its probe said. */
    private final Map<String, Answer> probed = new ConcurrentHashMap<>();

    /** @param batchId empty: what became of its submission was never heard */
    private record Known(int site, String token, String batchId) {}

    Blocks(Sites sites, BlockFiles files, BatchRunner runner, Executor preparer, Consumer<Event> events) {
        this.sites = sites;
        this.files = files;
        this.runner = runner;
        this.preparer = preparer;
        this.events = events;
    }

    void recover(List<Recovered.BlockRecord> blocks) {
        for (Recovered.BlockRecord block : blocks) {
            if (!block.phase().over()) {
                known.put(block.block(), new Known(block.site(), block.token(), block.batchId()));
            }
        }
    }

    // ---- submit

    void submit(Effect.SubmitBlock asked) {
        known.put(asked.block(), new Known(asked.site(), asked.token(), ""));
        Sites.Entry site = sites.get(asked.site());
        preparer.execute(() -> with(
                site.provider(),
                provider -> submit(asked, site, provider),
                e -> refused(asked.block(), Reasons.of(e), e.certain())));
    }

    private void submit(Effect.SubmitBlock asked, Sites.Entry site, Provider provider) {
        Call call;
        try {
            call = provider.submit(new BlockRequest(
                    asked.block(),
                    asked.token(),
                    site.config().terms(),
                    asked.avoid(),
                    files.prepare(asked.block(), asked.token()),
                    files.workerCommand(site, asked.token())));
        } catch (IOException e) {
            refused(asked.block(), "the block's directory can't be made: " + Reasons.of(e), true);
            return;
        } catch (ProviderException e) {
            refused(asked.block(), Reasons.of(e), e.certain());
            return;
        }
        runner.run(provider.name(), call, answer -> {
            try {
                submitted(asked.block(), understood(() -> provider.parseSubmitted(answer)));
            } catch (ProviderException e) {
                refused(asked.block(), Reasons.of(e), e.certain());
            }
        });
    }

    private void submitted(int block, String batchId) {
        known.computeIfPresent(block, (id, before) -> new Known(before.site(), before.token(), batchId));
        LOG.info("Block {} is {} in its batch system.", block, batchId);
        events.accept(new Event.BlockSubmitted(block, batchId));
    }

    private void refused(int block, String message, boolean certain) {
        LOG.warn("Block {} was refused: {}", block, message);
        if (certain) {
            known.remove(block);
        }
        events.accept(new Event.BlockRefused(block, message, certain));
    }

    // ---- look

    void poll(Effect.PollBlocks asked) {
        preparer.execute(() -> {
            Optional<Provider> provider = providerOf(asked.blocks());
            if (provider.isEmpty()) {
                events.accept(new Event.BlocksPolled(asked.batchSystem(), asked.look(), Map.of()));
            } else {
                with(provider.get(), ready -> look(asked, ready), e -> pollFailed(asked, e));
            }
        });
    }

    /** Sites of one batch system differ in their patience alone: that of the first will do. */
    private Optional<Provider> providerOf(List<Integer> blocks) {
        return blocks.stream()
                .map(known::get)
                .filter(Objects::nonNull)
                .findFirst()
                .map(mine -> sites.get(mine.site()).provider());
    }

    /** Blocks whose submission was never heard of are looked for by their tokens first. */
    private void look(Effect.PollBlocks asked, Provider provider) {
        Map<String, Integer> byToken = new HashMap<>();
        for (int block : asked.blocks()) {
            Known mine = known.get(block);
            if (mine != null && mine.batchId().isEmpty()) {
                byToken.put(mine.token(), block);
            }
        }
        if (byToken.isEmpty()) {
            pollKnown(asked, provider);
            return;
        }
        runner.run(provider.name(), provider.find(List.copyOf(byToken.keySet())), answer -> {
            try {
                understood(() -> provider.parseFound(answer)).forEach((token, batchId) -> {
                    Integer block = byToken.get(token);
                    if (block != null) {
                        submitted(block, batchId);
                    }
                });
                pollKnown(asked, provider);
            } catch (ProviderException e) {
                pollFailed(asked, e);
            }
        });
    }

    private void pollKnown(Effect.PollBlocks asked, Provider provider) {
        Map<String, Integer> byBatchId = byBatchId(asked.blocks());
        if (byBatchId.isEmpty()) {
            polled(asked, Map.of());
            return;
        }
        runner.run(provider.name(), provider.poll(List.copyOf(byBatchId.keySet())), answer -> {
            try {
                lookBack(asked, provider, byBatchId, understood(() -> provider.parsePolled(answer)));
            } catch (ProviderException e) {
                pollFailed(asked, e);
            }
        });
    }

    /** What a poll does not show may be on record, where there is one; where it is not, that is all that is known. */
    private void lookBack(
            Effect.PollBlocks asked,
            Provider provider,
            Map<String, Integer> byBatchId,
            Map<String, BlockReport> shown) {
        Map<Integer, BlockReport> reports = ours(shown, byBatchId);
        endStuck(provider, byBatchId, shown);
        List<String> absent = byBatchId.keySet().stream()
                .filter(batchId -> !shown.containsKey(batchId))
                .sorted()
                .toList();
        Optional<Call> back = absent.isEmpty() ? Optional.empty() : provider.lookBack(absent);
        if (back.isEmpty()) {
            polled(asked, reports);
            return;
        }
        runner.run(provider.name(), back.get(), answer -> {
            try {
                reports.putAll(ours(understood(() -> provider.parseLookedBack(answer)), byBatchId));
            } catch (ProviderException e) {
                LOG.warn("What became of blocks {} can't be read: {}", absent, Reasons.of(e));
            }
            polled(asked, reports);
        });
    }

    private void endStuck(Provider provider, Map<String, Integer> byBatchId, Map<String, BlockReport> shown) {
        List<String> stuck = byBatchId.keySet().stream()
                .filter(shown::containsKey)
                .filter(batchId -> provider.isStuck(Objects.requireNonNull(shown.get(batchId))))
                .sorted()
                .toList();
        if (!stuck.isEmpty()) {
            LOG.warn("Blocks {} would never start, and are cancelled.", stuck);
            cancel(provider, stuck);
        }
    }

    private static Map<Integer, BlockReport> ours(Map<String, BlockReport> shown, Map<String, Integer> byBatchId) {
        Map<Integer, BlockReport> ours = new HashMap<>();
        shown.forEach((batchId, report) -> {
            Integer block = byBatchId.get(batchId);
            if (block != null) {
                ours.put(block, report);
            }
        });
        return ours;
    }

    private void polled(Effect.PollBlocks asked, Map<Integer, BlockReport> told) {
        Map<Integer, BlockReport> reports = new HashMap<>(told);
        reports.replaceAll(this::explained);
        events.accept(new Event.BlocksPolled(asked.batchSystem(), asked.look(), reports));
        reports.forEach((block, report) -> {
            if (report.phase().over()) {
                known.remove(block);
            }
        });
    }

    /** A script that failed has said why; its batch system knows the exit code alone. */
    private BlockReport explained(int block, BlockReport report) {
        Known mine = known.get(block);
        String words = report.phase() == BlockPhase.FAILED && mine != null ? files.lastWords(block, mine.token()) : "";
        if (words.isEmpty() || report.message().contains(words)) {
            return report;
        }
        String message = report.message().isEmpty() ? words : report.message() + "; its log ends: " + words;
        return new BlockReport(report.phase(), message, report.remainingSeconds(), report.nodes());
    }

    /** Finds out first, once, which kind of its batch system a provider has before it. */
    private void with(Provider provider, Consumer<Provider> ready, Consumer<ProviderException> failed) {
        Optional<Call> probe = provider.probe();
        if (probe.isEmpty()) {
            ready.accept(provider);
            return;
        }
        Answer before = probed.get(provider.name());
        if (before != null) {
            as(provider, before, ready, failed);
            return;
        }
        runner.run(provider.name(), probe.get(), answer -> as(provider, answer, ready, failed));
    }

    private void as(Provider provider, Answer answer, Consumer<Provider> ready, Consumer<ProviderException> failed) {
        Provider known;
        try {
            known = understood(() -> provider.probed(answer));
        } catch (ProviderException e) {
            failed.accept(e);
            return;
        }
        probed.putIfAbsent(provider.name(), answer);
        ready.accept(known);
    }

    private interface Reading<T> {
        T read() throws ProviderException;
    }

    /** Whatever a batch system says, whoever asked is answered: without that nothing would be asked again. */
    private static <T> T understood(Reading<T> reading) throws ProviderException {
        try {
            return reading.read();
        } catch (RuntimeException e) {
            throw new ProviderException("its answer can't be understood: " + e, false);
        }
    }

    private void pollFailed(Effect.PollBlocks asked, ProviderException e) {
        LOG.warn("Batch system '{}' can't be looked at: {}", asked.batchSystem(), Reasons.of(e));
        events.accept(new Event.PollFailed(asked.batchSystem(), asked.look(), Reasons.of(e)));
    }

    private Map<String, Integer> byBatchId(List<Integer> blocks) {
        Map<String, Integer> found = new HashMap<>();
        for (int block : blocks) {
            Known mine = known.get(block);
            if (mine != null && !mine.batchId().isEmpty()) {
                found.put(mine.batchId(), block);
            }
        }
        return found;
    }

    // ---- cancel

    /** One that the batch system has not named yet is cancelled when it does: the scheduler asks again. */
    void cancel(Effect.CancelBlocks asked) {
        List<String> batchIds =
                byBatchId(asked.blocks()).keySet().stream().sorted().toList();
        if (!batchIds.isEmpty()) {
            with(
                    sites.get(asked.site()).provider(),
                    provider -> cancel(provider, batchIds),
                    e -> cancelFailed(batchIds, e));
        }
    }

    private void cancel(Provider provider, List<String> batchIds) {
        runner.run(provider.name(), provider.cancel(batchIds), answer -> {
            try {
                provider.checkCancelled(answer);
            } catch (ProviderException e) {
                cancelFailed(batchIds, e);
            }
        });
    }

    private static void cancelFailed(List<String> batchIds, ProviderException e) {
        LOG.warn("Blocks {} can't be cancelled now: {}", batchIds, Reasons.of(e));
    }
}
