package interchange.provider;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * This machine as a batch system: blocks are processes, by {@code localbatch.sh}.
 *
 * <p>A block counts as over only when none of its keepers lives, nor any process that carries its token.
 *
 * @param script localbatch.sh, absolute
 * @param root the directory of the blocks' directories, absolute
 * @param killGrace of the site: what workers give their jobs between TERM and KILL
 * @param timeout of each command
 */
public record LocalProvider(Path script, Path root, Duration killGrace, Duration timeout) implements Provider {
    public static final String SCRIPT = "localbatch.sh";

    /** What a worker needs beyond its jobs' grace to say what became of them, before it is killed. */
    private static final Duration GOODBYE = Duration.ofSeconds(10);

    /** Writes the script that belongs to this version; returns where it is. */
    public static Path install(Path directory) throws IOException {
        return ShellScript.install(SCRIPT, directory);
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public Call submit(BlockRequest request) {
        return submit(request, request.terms().nodes());
    }

    /** @param watchers one for each keeper, or for what is run instead of keepers */
    Call submit(BlockRequest request, int watchers) {
        List<String> argv = new ArrayList<>(List.of(
                "sh",
                script.toString(),
                "submit",
                request.directory().toString(),
                String.valueOf(watchers),
                request.token(),
                String.valueOf(request.terms().walltime().toSeconds()),
                String.valueOf(killGrace.plus(GOODBYE).toSeconds())));
        argv.addAll(request.workerCommand());
        return new Call(argv, "", timeout, Map.of());
    }

    @Override
    public String parseSubmitted(Answer answer) throws ProviderException {
        String id = checked("submit", answer).strip();
        if (!id.matches("[^/\\s]+\\.[0-9]+\\.[0-9]+")) {
            throw new ProviderException("localbatch submit printed no id: " + answer.words(), false);
        }
        return id;
    }

    @Override
    public Call poll(List<String> batchIds) {
        return call("poll", batchIds);
    }

    @Override
    public Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException {
        Map<String, BlockReport> reports = new LinkedHashMap<>();
        for (String line : checked("poll", answer).split("\n", -1)) {
            if (!line.isBlank()) {
                String[] fields = fields("poll", line, 4);
                reports.put(fields[0], new BlockReport(phase(fields[1]), fields[3], number(fields[2])));
            }
        }
        return reports;
    }

    private static BlockPhase phase(String state) throws ProviderException {
        return switch (state) {
            case "running" -> BlockPhase.RUNNING;
            case "ended" -> BlockPhase.ENDED;
            case "failed" -> BlockPhase.FAILED;
            default -> throw new ProviderException("localbatch poll: there is no state '" + state + "'", true);
        };
    }

    private static long number(String digits) throws ProviderException {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new ProviderException("localbatch poll: '" + digits + "' is no number", true);
        }
    }

    @Override
    public Call find(List<String> tokens) {
        return call("find", tokens);
    }

    @Override
    public Map<String, String> parseFound(Answer answer) throws ProviderException {
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : checked("find", answer).split("\n", -1)) {
            if (!line.isBlank()) {
                String[] fields = fields("find", line, 2);
                found.put(fields[0], fields[1]);
            }
        }
        return found;
    }

    @Override
    public Call cancel(List<String> batchIds) {
        return call("cancel", batchIds);
    }

    @Override
    public void checkCancelled(Answer answer) throws ProviderException {
        checked("cancel", answer);
    }

    private Call call(String verb, List<String> arguments) {
        List<String> argv = new ArrayList<>(List.of("sh", script.toString(), verb, root.toString()));
        argv.addAll(arguments);
        return new Call(argv, "", timeout, Map.of());
    }

    private static String checked(String verb, Answer answer) throws ProviderException {
        if (!answer.ok()) {
            throw ProviderException.of("localbatch " + verb, answer);
        }
        return answer.stdout();
    }

    private static String[] fields(String verb, String line, int count) throws ProviderException {
        String[] fields = line.split("\t", -1);
        if (fields.length != count) {
            throw new ProviderException("localbatch " + verb + ": can't read the line '" + line + "'", true);
        }
        return fields;
    }
}
