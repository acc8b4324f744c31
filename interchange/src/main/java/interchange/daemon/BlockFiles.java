package interchange.daemon;

import interchange.launch.Installation;
import interchange.launch.Role;
import interchange.provider.WorkerCommand;
import interchange.site.SiteConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a block needs on disk, and the command that starts its workers. Runs on the preparer's thread.
 *
 * @param environment the daemon's own, which may change how programs are started
 */
record BlockFiles(
        Home home,
        ConnectionFiles connections,
        Keeper keeper,
        Installation installation,
        Map<String, String> environment) {

    BlockFiles {
        environment = Map.copyOf(environment);
    }

    Path prepare(int block, String token) throws IOException {
        Path directory = Files.createDirectories(home.block(block, token));
        keeper.copyTo(directory);
        return directory;
    }

    List<String> workerCommand(Sites.Entry site, String token) throws IOException {
        WorkerCommand command = new WorkerCommand(
                installation.command(Role.WORKER, environment), connections.forWorkersOf(site), token);
        SiteConfig config = site.config();
        return config.provider().equals(SiteConfig.LOCAL)
                ? command.here(Math.max(1, config.cores()), Math.max(1, config.memoryMiB()), config.walltime())
                : command.bare();
    }
}
