package interchange.submit.command;

import interchange.proto.control.Request;
import interchange.proto.control.WorkerRow;
import interchange.proto.control.WorkersRequest;
import interchange.proto.control.WorkersResponse;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.output.Table;
import interchange.submit.output.Words;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code workers}: who runs jobs, and how full they are. */
@Command(
        name = "workers",
        description = "List the workers.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange workers", "  interchange workers --json"})
public final class WorkersCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            WorkersResponse answer = client.call(Request.newBuilder().setWorkers(WorkersRequest.getDefaultInstance()))
                    .getWorkers();
            if (session.console().json()) {
                session.console().json(answer);
            } else {
                show(answer, session);
            }
            return 0;
        }
    }

    private static void show(WorkersResponse answer, Session session) {
        Table table = new Table(
                "WORKER",
                "SITE",
                "BLOCK",
                "RANK",
                "HOST",
                "STATE",
                "CORES",
                "MEMORY MIB",
                "RUNNING",
                "WAITING",
                "HEARD",
                "LEFT");
        for (WorkerRow worker : answer.getWorkersList()) {
            table.row(
                    worker.getId(),
                    worker.getSite(),
                    worker.getBlock(),
                    worker.getRank(),
                    worker.getHost(),
                    worker.getState(),
                    worker.getCoresUsed() + "/" + worker.getCores(),
                    worker.getMemoryUsedMib() + "/" + worker.getMemoryMib(),
                    worker.getRunning(),
                    worker.getWaiting(),
                    Words.duration(worker.getSecondsSinceHeard()) + " ago",
                    Words.duration(worker.getRemainingSeconds()));
        }
        table.print(session.console());
    }
}
