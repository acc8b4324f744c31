package interchange.worker.warm;

import interchange.worker.process.Launch;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a template is told of a fork: one line of JSON. */
final class ForkOrder {
    /** What a shell sets on its way. */
    private static final List<String> OF_A_SHELL = List.of("PWD", "OLDPWD", "SHLVL", "_");

    private ForkOrder() {}

    /**
     * One that takes the place of the template.
     *
     * @param files its place
     * @param number of the new template in its worker
     * @param list of what to import ahead
     */
    static String ofSuccessor(Workshop files, int number, Path list, String token) {
        return "{\"successor\":{\"socket\":"
                + Json.text(files.file(number, "line").toString())
                + ",\"stdout\":" + Json.text(files.file(number, "out").toString())
                + ",\"stderr\":" + Json.text(files.file(number, "err").toString())
                + ",\"modules\":" + Json.text(list.toString())
                + ",\"token\":" + Json.text(TemplateLaunch.padded(token))
                + "}}";
    }

    /** @param list where the fork is to tell what it has imported */
    static String of(Recognized.Script script, Launch launch, Path list) {
        var set = new TreeMap<String, String>();
        launch.over().forEach((name, value) -> {
            if (Kind.isOfTheAttempt(name)) {
                set.put(name, value);
            }
        });
        // The shell of the template has changed them.
        OF_A_SHELL.stream()
                .filter(launch.environment()::has)
                .forEach(name -> set.put(name, launch.environment().value(name)));
        Stream<String> unset =
                OF_A_SHELL.stream().filter(name -> !launch.environment().has(name));
        String command = script.words()
                .map(words -> "\"argv\":" + Json.list(words))
                .orElseGet(() -> "\"command\":" + Json.text(script.text()));
        return "{" + command
                + ",\"shell\":" + script.throughShell()
                + ",\"directory\":" + Json.text(launch.directory())
                + ",\"stdout\":" + Json.text(launch.stdout())
                + ",\"stderr\":" + Json.text(launch.stderr())
                + ",\"set\":" + Json.map(set)
                + ",\"unset\":" + Json.list(unset.toList())
                + ",\"exports\":" + Json.text(script.exports().late())
                + ",\"exported\":" + Json.list(script.exports().lateNames())
                + ",\"modules\":" + Json.text(list.toString())
                + "}";
    }
}
