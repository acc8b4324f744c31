package interchange.worker.warm;

import interchange.worker.process.Launch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How a template is started: by a shell, with the environment of its jobs. */
final class TemplateLaunch {
    /** Room in its arguments and its token for those of jobs, which a fork writes over them. */
    private static final String ROOM = " ".repeat(8192);

    private static final int TOKEN_LENGTH = 128;

    private TemplateLaunch() {}

    /** With room for those of jobs. */
    static String padded(String token) {
        return token + " ".repeat(TOKEN_LENGTH - token.length());
    }

    /**
     * @param files its place
     * @param list of what to import ahead
     * @param number of the template in its worker
     * @param inherited variables that all processes of the worker carry
     */
    static Launch of(
            Recipes.Known known, Workshop files, int number, Path list, String token, Map<String, String> inherited) {
        Kind kind = known.kind();
        Path directory = Path.of(kind.directory().isEmpty() ? "/" : kind.directory());
        var over = new HashMap<>(kind.over());
        over.putAll(inherited);
        over.put(Launch.TOKEN, padded(token));
        String text = StartText.of(
                kind,
                directory,
                files.file(number, "out"),
                files.file(number, "err"),
                List.of(files.program().toString(), files.file(number, "line").toString()),
                List.of(list.toString(), ROOM));
        var argv = new ArrayList<>(Recognized.SHELL);
        argv.add(text);
        return new Launch(
                argv,
                known.environment(),
                over,
                directory.toString(),
                files.file(number, "out").toString(),
                files.file(number, "err").toString(),
                token);
    }
}
