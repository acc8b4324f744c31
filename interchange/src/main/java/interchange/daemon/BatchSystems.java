package interchange.daemon;

import interchange.provider.Answer;
import interchange.provider.BatchRunner;
import interchange.provider.Call;
import interchange.provider.Provider;
import interchange.provider.ProviderException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Runs what providers ask, and makes sure that whoever asks is answered. Any thread; answers come on the runner's. */
final class BatchSystems {
    private final BatchRunner runner;

    /** By batch system: what its probe said. */
    private final Map<String, Answer> probed = new ConcurrentHashMap<>();

    BatchSystems(BatchRunner runner) {
        this.runner = runner;
    }

    /** Makes something of an answer. */
    @FunctionalInterface
    interface Reading<T> {
        T read(Answer answer) throws ProviderException;
    }

    /**
     * Runs a call and reads its answer.
     *
     * @param failed whatever a batch system says, whoever asked is answered: without that nothing would be asked again
     */
    <T> void ask(
            Provider provider, Call call, Reading<T> reading, Consumer<T> ready, Consumer<ProviderException> failed) {
        runner.run(provider.name(), call, answer -> {
            T read;
            try {
                read = understood(reading, answer);
            } catch (ProviderException e) {
                failed.accept(e);
                return;
            }
            ready.accept(read);
        });
    }

    private static <T> T understood(Reading<T> reading, Answer answer) throws ProviderException {
        try {
            return reading.read(answer);
        } catch (RuntimeException e) {
            throw new ProviderException("its answer can't be understood: " + e, false);
        }
    }

    /** Finds out first, once, which kind of its batch system a provider has before it. */
    void with(Provider provider, Consumer<Provider> ready, Consumer<ProviderException> failed) {
        Optional<Call> probe = provider.probe();
        Answer before = probed.get(provider.name());
        if (probe.isEmpty()) {
            ready.accept(provider);
        } else if (before != null) {
            as(provider, before, ready, failed);
        } else {
            runner.run(provider.name(), probe.get(), answer -> as(provider, answer, ready, failed));
        }
    }

    private void as(Provider provider, Answer answer, Consumer<Provider> ready, Consumer<ProviderException> failed) {
        Provider known;
        try {
            known = understood(provider::probed, answer);
        } catch (ProviderException e) {
            failed.accept(e);
            return;
        }
        probed.putIfAbsent(provider.name(), answer);
        ready.accept(known);
    }
}
