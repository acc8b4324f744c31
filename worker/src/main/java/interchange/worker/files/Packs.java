package interchange.worker.files;

import interchange.pack.PackName;
import interchange.pack.PackWriter;
import interchange.worker.process.GuardedFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The packs of this worker, one for each run, each open from its first attempt on. The packer's. */
final class Packs {
    private static final int READ_AND_WRITE = 0666;

    private static final List<String> REMOTE = List.of("nfs", "cifs", "smb", "fuse", "9p", "afs");

    private final GuardedFiles files;
    private final String host;
    private final String incarnation;
    private final Map<Path, PackWriter> open = new LinkedHashMap<>();

    Packs(GuardedFiles files, String host, String incarnation) {
        this.files = files;
        this.host = host;
        this.incarnation = incarnation;
    }

    Path file(PackOrder order) {
        return order.directory().resolve(PackName.of(order.attempt().getRun(), host, incarnation));
    }

    PackWriter of(PackOrder order) throws IOException {
        Path file = file(order);
        PackWriter present = open.get(file);
        if (present != null) {
            return present;
        }
        Files.createDirectories(order.directory());
        // Nobody else has this name; one that is there is of a try of ours that failed just below.
        FileChannel channel = files.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        try {
            Files.setPosixFilePermissions(file, permissions(READ_AND_WRITE & ~order.umask()));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        PackWriter made =
                new PackWriter(channel, isRemote(file), order.attempt().getRun(), host, incarnation);
        open.put(file, made);
        return made;
    }

    /** Where one machine's writes are others' only when they are flushed, as with the closing of a file. */
    private static boolean isRemote(Path file) throws IOException {
        String type = Files.getFileStore(file).type();
        return REMOTE.stream().anyMatch(type::startsWith);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> all = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] bits = PosixFilePermission.values();
        for (int bit = 0; bit < bits.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                all.add(bits[bit]);
            }
        }
        return all;
    }

    void close() {
        for (PackWriter pack : open.values()) {
            try {
                pack.close();
            } catch (IOException e) {
                // What was to be there has been flushed before, or was given up and said.
                continue;
            }
        }
    }
}
