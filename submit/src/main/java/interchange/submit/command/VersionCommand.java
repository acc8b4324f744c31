package interchange.submit.command;

import interchange.submit.Action;
import interchange.submit.Session;
import interchange.submit.Version;
import java.util.LinkedHashMap;
import java.util.Map;
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
        if (session.console().json()) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("version", version);
            fields.put("java", java);
            session.console().json(fields);
        } else {
            session.console().line("interchange " + version + " (Java " + java + ")");
        }
        return 0;
    }
}
