package interchange.daemon;

import interchange.launch.Installation;
import interchange.launch.Role;
import interchange.provider.WorkerCommand;
import interchange.site.SiteConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
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

    private static final int LAST_WORDS_BYTES = 1_000;
    private static final int LAST_WORDS_LINES = 3;

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

    /** What the block's script and its batch system said last, in one line; empty: nothing, or it can't be read. */
    String lastWords(int block, String token) {
        Path log = home.block(block, token).resolve("block.log");
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(0, file.length() - LAST_WORDS_BYTES));
            byte[] end = new byte[LAST_WORDS_BYTES];
            int length = Math.max(0, file.read(end));
            List<String> lines = new String(end, 0, length, StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            return String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_WORDS_LINES), lines.size()));
        } catch (IOException absent) {
            return "";
        }
    }
}
