package interchange.daemon;

import interchange.core.BlockReport;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Recovered;
import interchange.provider.BatchRunner;
import interchange.provider.BlockRequest;
import interchange.provider.Provider;
import interchange.provider.ProviderException;
import interchange.shared.Reasons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** @param batchId empty: what became of its submission was never heard */
    private record Known(String token, String batchId) {}

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
                known.put(block.block(), new Known(block.token(), block.batchId()));
            }
        }
    }

    // ---- submit

    void submit(Effect.SubmitBlock asked) {
        known.put(asked.block(), new Known(asked.token(), ""));
        Sites.Entry site = sites.get(asked.site());
        preparer.execute(() -> {
            try {
                Path directory = files.prepare(asked.block(), asked.token());
                List<String> worker = files.workerCommand(site, asked.token());
                submit(
                        asked,
                        site,
                        new BlockRequest(
                                asked.block(),
                                asked.token(),
                                asked.nodes(),
                                directory,
                                site.config().walltime(),
                                worker));
            } catch (IOException e) {
                refused(asked.block(), "the block's directory can't be made: " + Reasons.of(e), true);
            }
        });
    }

    private void submit(Effect.SubmitBlock asked, Sites.Entry site, BlockRequest request) {
        Provider provider = site.provider();
        runner.run(provider.name(), provider.submit(request), answer -> {
            try {
                submitted(asked.block(), understood(() -> provider.parseSubmitted(answer)));
            } catch (ProviderException e) {
                refused(asked.block(), Reasons.of(e), e.certain());
            }
        });
    }

    private void submitted(int block, String batchId) {
        known.computeIfPresent(block, (id, before) -> new Known(before.token(), batchId));
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
        preparer.execute(() -> look(asked));
    }

    /** Blocks whose submission was never heard of are looked for by their tokens first. */
    private void look(Effect.PollBlocks asked) {
        Provider provider = sites.get(asked.site()).provider();
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
                pollFailed(asked.site(), e);
            }
        });
    }

    private void pollKnown(Effect.PollBlocks asked, Provider provider) {
        Map<String, Integer> byBatchId = byBatchId(asked.blocks());
        if (byBatchId.isEmpty()) {
            events.accept(new Event.BlocksPolled(asked.site(), Map.of()));
            return;
        }
        runner.run(provider.name(), provider.poll(List.copyOf(byBatchId.keySet())), answer -> {
            try {
                Map<Integer, BlockReport> reports = new HashMap<>();
                understood(() -> provider.parsePolled(answer)).forEach((batchId, report) -> {
                    Integer block = byBatchId.get(batchId);
                    if (block != null) {
                        reports.put(block, report);
                    }
                });
                events.accept(new Event.BlocksPolled(asked.site(), reports));
                reports.forEach((block, report) -> {
                    if (report.phase().over()) {
                        known.remove(block);
                    }
                });
            } catch (ProviderException e) {
                pollFailed(asked.site(), e);
            }
        });
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

    private void pollFailed(int site, ProviderException e) {
        LOG.warn("Site '{}' can't be looked at: {}", sites.get(site).config().name(), Reasons.of(e));
        events.accept(new Event.PollFailed(site, Reasons.of(e)));
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
        Provider provider = sites.get(asked.site()).provider();
        List<String> batchIds = new ArrayList<>(byBatchId(asked.blocks()).keySet());
        if (batchIds.isEmpty()) {
            return;
        }
        runner.run(provider.name(), provider.cancel(batchIds), answer -> {
            try {
                provider.checkCancelled(answer);
            } catch (ProviderException e) {
                LOG.warn("Blocks {} can't be cancelled now: {}", batchIds, Reasons.of(e));
            }
        });
    }
}
