package interchange.provider;

import interchange.core.BlockReport;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * An allocation of Slurm that the user holds already: a block is one step in it, watched over on this machine by {@code
 * localbatch.sh} as blocks of `local` sites are, so that it is looked at and ended in the same way.
 *
 * @param local does all but the start
 * @param environment what the step sees
 */
public record SrunProvider(LocalProvider local, BareEnvironment environment) implements Provider {
    public static final String NAME = "srun";

    /** @param environment that of the daemon */
    public static SrunProvider of(LocalProvider local, Map<String, String> environment) {
        return new SrunProvider(local, BareEnvironment.of(environment, SlurmProvider.NEEDED));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Call submit(BlockRequest request) throws IOException, ProviderException {
        String allocation = request.terms().allocation();
        if (!allocation.matches("[0-9]+")) {
            throw new ProviderException(
                    "site '" + request.terms().site() + "': there is no allocation to run in: submit from a shell"
                            + " inside one (salloc), or give its job id as `allocation`",
                    true);
        }
        // The user may hold other steps in it, such as the shell itself: OVERLAP.
        new BlockScript(
                        List.of("SLURM_JOB_ID=" + allocation + " SLURM_OVERLAP=1", "export SLURM_JOB_ID SLURM_OVERLAP"),
                        "srun")
                .write(request);
        Call call = local.submit(request, 1);
        return new Call(environment.command(call.argv()), call.stdin(), call.timeout(), Map.of());
    }

    @Override
    public String parseSubmitted(Answer answer) throws ProviderException {
        return local.parseSubmitted(answer);
    }

    @Override
    public Call poll(List<String> batchIds) {
        return local.poll(batchIds);
    }

    @Override
    public Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException {
        return local.parsePolled(answer);
    }

    @Override
    public Call find(List<String> tokens) {
        return local.find(tokens);
    }

    @Override
    public Map<String, String> parseFound(Answer answer) throws ProviderException {
        return local.parseFound(answer);
    }

    @Override
    public Call cancel(List<String> batchIds) {
        return local.cancel(batchIds);
    }

    @Override
    public void checkCancelled(Answer answer) throws ProviderException {
        local.checkCancelled(answer);
    }
}
