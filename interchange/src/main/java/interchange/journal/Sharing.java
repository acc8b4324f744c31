package interchange.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;

/** Who may open the journal's file beside the writer, which depends on the file system it lies on. */
enum Sharing {
    /** Write-ahead log with shared memory: readers have connections of their own and never wait. */
    SHARED,
    /**
     * Write-ahead log without shared memory, which does not work across hosts: the writer holds the file's lock as long
     * as it lives, and readers take turns with it on its one connection.
     */
    EXCLUSIVE;

    private static final Set<String> NETWORK = Set.of(
            "nfs",
            "nfs3",
            "nfs4",
            "cifs",
            "smb2",
            "smb3",
            "smbfs",
            "lustre",
            "gpfs",
            "beegfs",
            "beegfs_nodev",
            "ceph",
            "afs",
            "autofs",
            "9p",
            "glusterfs",
            "panfs",
            "pvfs2",
            "orangefs",
            "wekafs",
            "vastnfs",
            "virtiofs",
            "ocfs2",
            "gfs2");

    static Sharing of(Path directory) throws IOException {
        return ofType(Files.getFileStore(directory).type());
    }

    /** What can't be known of a file system in user space is supposed to be far away. */
    static Sharing ofType(String type) {
        String name = type.toLowerCase(Locale.ROOT);
        return NETWORK.contains(name) || name.startsWith("fuse") ? EXCLUSIVE : SHARED;
    }
}
