package interchange.daemon;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Writes workflow files of random layered graphs: each job needs one to three of the layer before. */
final class LayeredGraph {
    static final int LAYER_JOBS = 1_000;

    private static final int NEEDS_MAX = 3;
    private static final int LABELS = 10;

    private final int jobs;
    private final Random random;

    LayeredGraph(int jobs, long seed) {
        this.jobs = jobs;
        this.random = new Random(seed);
    }

    /** @param site its section in the header, as JSON */
    void write(Path file, String submission, String site) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            out.write("{\"header\":{\"format\":1,\"submission\":\"" + submission
                    + "\",\"name\":\"layers\",\"submitDirectory\":\"" + file.getParent()
                    + "\",\"site\":\"here\",\"sites\":{\"here\":" + site + "}}}\n");
            for (int job = 0; job < jobs; job++) {
                out.write(line(job));
            }
            out.write("{\"trailer\":{\"jobs\":\"" + jobs + "\"}}\n");
        }
    }

    private String line(int job) {
        // As long as a short pipetask command, with the paths that BPS gives to logs.
        return "{\"job\":{\"name\":\"job_%07d\",\"label\":\"task%d\",\"needs\":[%s],"
                        .formatted(job, job % LABELS, needs(job))
                + "\"command\":\"${CTRL_MPEXEC_DIR}/bin/pipetask run-qbb butler run.qg --qgraph-node-id %d\","
                        .formatted(job)
                + "\"stdout\":\"logs/task%d/job_%07d.stdout\",\"stderr\":\"logs/task%d/job_%07d.stderr\"}}\n"
                        .formatted(job % LABELS, job, job % LABELS, job);
    }

    private String needs(int job) {
        int layer = job / LAYER_JOBS;
        if (layer == 0) {
            return "";
        }
        int from = (layer - 1) * LAYER_JOBS;
        return random.ints(1 + random.nextInt(NEEDS_MAX), from, from + LAYER_JOBS)
                .distinct()
                .mapToObj("\"job_%07d\""::formatted)
                .reduce((a, b) -> a + "," + b)
                .orElseThrow();
    }
}
