package interchange.pack;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Looks for what jobs printed, each time in a pack that is opened anew, and prints for each job the milliseconds that it
 * took; a benchmark's. Arguments: the directory of packs, the number of jobs in them, how many to look for.
 */
final class PackLookup {
    private static final double NANOS_PER_MILLI = 1e6;
    /** The compiler's time is not the pack's. */
    private static final int ROUNDS = 2;

    private PackLookup() {}

    public static void main(String[] arguments) throws IOException {
        int jobs = Integer.parseInt(arguments[1]);
        int wanted = Integer.parseInt(arguments[2]);
        List<Path> packs;
        try (Stream<Path> all = Files.list(Path.of(arguments[0]))) {
            packs = all.toList();
        }
        Map<Integer, Double> millis = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < wanted; i++) {
                int job = (int) ((long) i * jobs / wanted);
                millis.put(job, look(packs, job));
            }
        }
        millis.values().forEach(System.out::println);
    }

    /** Of the pack that has it, as the daemon would name it. */
    private static double look(List<Path> packs, int job) throws IOException {
        for (Path pack : packs) {
            long begun = System.nanoTime();
            try (PackReader reader = PackReader.open(pack)) {
                var found = reader.find(job, 0);
                if (found.isPresent()) {
                    if (reader.copy(found.get(), Printed.STDOUT, 0, OutputStream.nullOutputStream()) == 0) {
                        throw new IllegalStateException("job " + job + " has printed nothing");
                    }
                    return (System.nanoTime() - begun) / NANOS_PER_MILLI;
                }
            }
        }
        throw new IllegalStateException("no pack has job " + job);
    }
}
