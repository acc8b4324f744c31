package interchange.submit.command;

import interchange.proto.control.ExportRequest;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code export FILE}: a consistent copy of the journal for those who ask it in SQL. */
@Command(
        name = "export",
        description = "Write a consistent copy of the daemon's database (SQLite), for queries of your own.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange export runs.db", "  sqlite3 runs.db 'select label, count(*) from job group by label'"})
public final class ExportCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "FILE", description = "The file to write; on a disk that the daemon sees.")
    String file = "";

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            Done.show(
                    client.call(Request.newBuilder()
                            .setExport(ExportRequest.newBuilder()
                                    .setFile(session.resolve(file).toString()))),
                    session.console());
            return 0;
        }
    }
}
