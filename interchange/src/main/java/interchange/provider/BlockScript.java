package interchange.provider;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a batch system runs of a block: a short script with its options at the head, which leads to {@code block.sh}. It
 * holds no secret: the batch system keeps copies of it.
 *
 * @param header the batch system's own lines, each with its prefix; the site's schedulerOptions come after them, so that
 *     they win
 * @param launcher how block.sh starts something on each node; its {@code launch} knows which there are
 */
record BlockScript(List<String> header, String launcher) {
    static final String FILE = "block.submit";
    private static final String PREFIX = "prefix.sh";

    BlockScript {
        header = List.copyOf(header);
    }

    /** Writes it into the block's directory, with all that it leads to; returns where it is. */
    Path write(BlockRequest request) throws IOException {
        Path directory = request.directory();
        ShellScript.install("block.sh", directory);
        ShellScript.install("node.sh", directory);
        writePrefix(directory.resolve(PREFIX), request.terms().commandPrefix());
        return Files.writeString(directory.resolve(FILE), text(request));
    }

    private static void writePrefix(Path file, String commands) throws IOException {
        if (commands.isBlank()) {
            Files.deleteIfExists(file);
        } else {
            Files.writeString(file, commands + "\n");
        }
    }

    String text(BlockRequest request) {
        List<String> lines = new ArrayList<>(List.of("#!/bin/sh"));
        lines.addAll(head(header, request));
        lines.add("exec sh " + start(request).stream().map(ShellScript::quoted).collect(Collectors.joining(" ")));
        return String.join("\n", lines) + "\n";
    }

    /** What the batch system reads: ours, then the user's. */
    static List<String> head(List<String> header, BlockRequest request) {
        return Stream.concat(header.stream(), request.terms().schedulerOptions().stream())
                .toList();
    }

    private List<String> start(BlockRequest request) {
        BlockTerms terms = request.terms();
        List<String> words = new ArrayList<>(List.of(
                request.directory().resolve("block.sh").toString(),
                launcher,
                request.directory().toString(),
                request.token(),
                String.valueOf(terms.nodes()),
                String.valueOf(terms.walltime().toSeconds()),
                String.valueOf(terms.workerCores()),
                String.valueOf(terms.workerMemoryMiB()),
                "--"));
        words.addAll(request.workerCommand());
        return words;
    }
}
