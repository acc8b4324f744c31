package interchange.submit.command;

import interchange.submit.Action;
import interchange.submit.Session;
import interchange.submit.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code version}: of the command line and its Java. Asks nobody. */
@Command(
        name = "version",
        description = "Tell the version of this command line and its Java; of the daemon see 'interchange info'.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange version --json"})
public final class VersionCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public int run(Session session) {
        String version = Version.current();
        String java = Runtime.version().toString();
        session.console()
                .line(
                        session.console().json()
                                ? "{\"version\":\"" + version + "\",\"java\":\"" + java + "\"}"
                                : "interchange " + version + " (Java " + java + ")");
        return 0;
    }
}
