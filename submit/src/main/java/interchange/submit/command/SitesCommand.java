package interchange.submit.command;

import interchange.proto.control.Request;
import interchange.proto.control.SiteRow;
import interchange.proto.control.SitesRequest;
import interchange.proto.control.SitesResponse;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.output.Table;
import interchange.submit.output.Words;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sites}: where jobs run, and what is wrong there. */
@Command(
        name = "sites",
        description = "List the sites, and take a broken one up again.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  interchange sites",
            "  interchange sites --resume sdf     its blocks failed, the cause is mended: ask for blocks again"
        })
public final class SitesCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Option(names = "--resume", paramLabel = "SITE", defaultValue = "", description = "Ask this site for blocks again.")
    String resume = "";

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            SitesResponse answer = client.call(Request.newBuilder()
                            .setSites(SitesRequest.newBuilder().setResume(resume)))
                    .getSites();
            if (session.console().json()) {
                session.console().json(answer);
            } else {
                show(answer, session);
            }
            return 0;
        }
    }

    private static void show(SitesResponse answer, Session session) {
        answer.getMessagesList().forEach(session.console()::line);
        Table table = new Table("SITE", "PROVIDER", "STATE", "BLOCKS", "WORKERS", "WAITING JOBS", "MESSAGE");
        for (SiteRow site : answer.getSitesList()) {
            table.row(
                    site.getName(),
                    site.getProvider(),
                    site.getState(),
                    site.getBlocks() + "/" + site.getMaxBlocks(),
                    site.getWorkers(),
                    site.getWaitingJobs(),
                    Words.orDash(message(site)));
        }
        table.print(session.console());
    }

    private static String message(SiteRow site) {
        List<String> parts = new ArrayList<>();
        if (!site.getMessage().isEmpty()) {
            parts.add(site.getMessage());
        }
        if (site.getState().equals("broken")) {
            parts.add("mend it, then: interchange sites --resume " + site.getName());
        } else if (site.getPauseSeconds() > 0) {
            parts.add("asks again in " + Words.duration(site.getPauseSeconds()));
        }
        if (site.getNodesAsideCount() > 0) {
            parts.add("set aside: " + String.join(", ", site.getNodesAsideList()));
        }
        return String.join("; ", parts);
    }
}
