package interchange.daemon;

import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Recovered;
import interchange.provider.BatchRunner;
import interchange.provider.BlockRequest;
import interchange.provider.Call;
import interchange.provider.Provider;
import interchange.provider.ProviderException;
import interchange.shared.Reasons;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
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
    private final BatchSystems systems;
    private final Executor preparer;
    private final Consumer<Event> events;
    private final KnownBlocks known = new KnownBlocks();

    Blocks(Sites sites, BlockFiles files, BatchRunner runner, Executor preparer, Consumer<Event> events) {
        this.sites = sites;
        this.files = files;
        this.systems = new BatchSystems(runner);
        this.preparer = preparer;
        this.events = events;
    }

    void recover(List<Recovered.BlockRecord> blocks) {
        known.recover(blocks);
    }

    // ---- submit

    void submit(Effect.SubmitBlock asked) {
        known.intended(asked.block(), asked.site(), asked.token());
        Sites.Entry site = sites.get(asked.site());
        preparer.execute(() -> systems.with(
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
        systems.ask(
                provider,
                call,
                provider::parseSubmitted,
                batchId -> submitted(asked.block(), batchId),
                e -> refused(asked.block(), Reasons.of(e), e.certain()));
    }

    private void submitted(int block, String batchId) {
        known.named(block, batchId);
        LOG.info("Block {} is {} in its batch system.", block, batchId);
        events.accept(new Event.BlockSubmitted(block, batchId));
    }

    private void refused(int block, String message, boolean certain) {
        LOG.warn("Block {} was refused: {}", block, message);
        if (certain) {
            known.forget(block);
        }
        events.accept(new Event.BlockRefused(block, message, certain));
    }

    // ---- look

    void poll(Effect.PollBlocks asked) {
        preparer.execute(() -> {
            OptionalInt site = known.anySite(asked.blocks());
            if (site.isEmpty()) {
                events.accept(new Event.BlocksPolled(asked.batchSystem(), asked.look(), Map.of()));
                return;
            }
            // Sites of one batch system differ in their patience alone: that of any will do.
            systems.with(
                    sites.get(site.getAsInt()).provider(),
                    provider -> new BlockLook(asked, provider, systems, known, files, events)
                            .begin(this::submitted, stuck -> cancel(provider, stuck)),
                    e -> BlockLook.failed(asked, e, events));
        });
    }

    // ---- cancel

    /** One that the batch system has not named yet is cancelled when it does: the scheduler asks again. */
    void cancel(Effect.CancelBlocks asked) {
        List<String> batchIds =
                known.byBatchId(asked.blocks()).keySet().stream().sorted().toList();
        if (!batchIds.isEmpty()) {
            int site = known.anySite(asked.blocks()).orElse(asked.site());
            systems.with(
                    sites.get(site).provider(), provider -> cancel(provider, batchIds), e -> cancelFailed(batchIds, e));
        }
    }

    private void cancel(Provider provider, List<String> batchIds) {
        systems.ask(
                provider,
                provider.cancel(batchIds),
                answer -> {
                    provider.checkCancelled(answer);
                    return batchIds;
                },
                done -> LOG.info("Blocks {} are told to end.", done),
                e -> cancelFailed(batchIds, e));
    }

    private static void cancelFailed(List<String> batchIds, ProviderException e) {
        LOG.warn("Blocks {} can't be cancelled now: {}", batchIds, Reasons.of(e));
    }
}
