package interchange.submit.command;

import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.launch.CacheMaker;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code startup-cache}: makes now what is else made in the background after the first command. */
@Command(
        name = "startup-cache",
        description =
                "Make the caches that let our programs start quickly, now; else it happens in the background after"
                        + " the first command (unless INTERCHANGE_AOT=0).",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange startup-cache"})
public final class StartupCacheCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(names = "--background", hidden = true, description = "Once, and not again where it has failed.")
    boolean background;

    @Override
    public int run(Session session) throws CommandException, IOException, InterruptedException {
        var made = new CacheMaker(session).make(background);
        if (session.console().json()) {
            session.console().json("files", made.stream().map(Path::toString).toList());
        } else {
            made.forEach(file -> session.console().line(file.toString()));
        }
        return 0;
    }
}
