package interchange.submit.command;

import interchange.proto.control.BlockRow;
import interchange.proto.control.BlocksRequest;
import interchange.proto.control.BlocksResponse;
import interchange.proto.control.Request;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Session;
import interchange.submit.output.Table;
import interchange.submit.output.Words;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code blocks}: what was asked of batch systems. */
@Command(
        name = "blocks",
        description = "List the blocks: what was asked of batch systems, and what came of it.",
        footerHeading = "%nExamples:%n",
        footer = {"  interchange blocks"})
public final class BlocksCommand implements Action {
    private static final int NAMES_MAX = 4;

    @Mixin
    CommonOptions common = new CommonOptions();

    @Override
    public int run(Session session) throws CommandException {
        try (var client = session.daemon().findOrStart()) {
            BlocksResponse answer = client.call(Request.newBuilder().setBlocks(BlocksRequest.getDefaultInstance()))
                    .getBlocks();
            if (session.console().json()) {
                session.console().json(answer);
            } else {
                show(answer, session);
            }
            return 0;
        }
    }

    private static void show(BlocksResponse answer, Session session) {
        Table table = new Table(
                "BLOCK", "SITE", "BATCH ID", "STATE", "NODES", "CORES BUSY", "JOBS DONE", "AGE", "LEFT", "MESSAGE");
        for (BlockRow block : answer.getBlocksList()) {
            table.row(
                    block.getId(),
                    block.getSite(),
                    Words.orDash(block.getBatchId()),
                    block.getState(),
                    nodes(block),
                    block.getCoresBusy() + "/" + block.getCores(),
                    block.getJobsDone(),
                    Words.duration(block.getAgeSeconds()),
                    Words.duration(block.getRemainingSeconds()),
                    Words.orDash(block.getMessage()));
        }
        table.print(session.console());
    }

    /** Names where they are known, but not all of a large block. */
    private static String nodes(BlockRow block) {
        List<String> names = block.getNodeNamesList();
        if (names.isEmpty()) {
            return String.valueOf(block.getNodes());
        }
        String more = names.size() > NAMES_MAX ? " and " + (names.size() - NAMES_MAX) + " more" : "";
        return String.join(",", names.subList(0, Math.min(names.size(), NAMES_MAX))) + more;
    }
}
