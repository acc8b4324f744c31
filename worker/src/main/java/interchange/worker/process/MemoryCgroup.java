package interchange.worker.process;

import interchange.worker.process.MemoryKills.KillsFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Where the kernel counts what it killed in the memory cgroup of a process; see cgroups(7) and proc(5). */
final class MemoryCgroup {
    private static final String UNIFIED = "cgroup2";
    private static final String FIRST = "cgroup";
    private static final String CONTROLLER = "memory";

    private MemoryCgroup() {}

    /**
     * The files that may have the count: that of the cgroup itself, then those of the ones around it, which may have the
     * controller where it has not. Only the first is about nobody else.
     *
     * @param cgroups lines of /proc/self/cgroup
     * @param mounts lines of /proc/self/mountinfo
     */
    static List<KillsFile> filesOf(List<String> cgroups, List<String> mounts) {
        List<KillsFile> files = new ArrayList<>();
        for (String line : cgroups) {
            // HIERARCHY:CONTROLLERS:PATH, in which the path may have colons.
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && Arrays.asList(parts[1].split(",")).contains(CONTROLLER)) {
                files.addAll(0, files(mounts, FIRST, parts[2], "memory.oom_control"));
            } else if (parts.length == 3 && parts[0].equals("0")) {
                files.addAll(files(mounts, UNIFIED, aroundJobs(parts[2]), "memory.events"));
            }
        }
        return files;
    }

    /** The directory of the cgroup of version 2. */
    static Optional<Path> unified(List<String> cgroups, List<String> mounts) {
        return cgroups.stream()
                .filter(line -> line.startsWith("0::"))
                .flatMap(line -> mounts.stream().map(mount -> at(mount, UNIFIED, line.substring("0::".length()))))
                .flatMap(Optional::stream)
                .map(List::getFirst)
                .findFirst();
    }

    /** Where jobs have cgroups of their own they are beside the worker's. */
    private static String aroundJobs(String path) {
        String own = '/' + JobCgroups.WORKER;
        return path.endsWith(own) && path.length() > own.length()
                ? path.substring(0, path.length() - own.length())
                : path;
    }

    private static List<KillsFile> files(List<String> mounts, String type, String path, String name) {
        List<Path> directories = mounts.stream()
                .map(mount -> at(mount, type, path))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(List.of());
        List<KillsFile> files = new ArrayList<>();
        for (Path directory : directories) {
            // Everybody may be in the outermost one.
            files.add(new KillsFile(directory.resolve(name), files.isEmpty() && !path.equals("/")));
        }
        return files;
    }

    /** The directories of a cgroup and of those around it, innermost first, if this mount shows them. */
    private static Optional<List<Path>> at(String mount, String type, String path) {
        String[] halves = mount.split(" - ", 2);
        String[] before = halves[0].split(" ");
        String[] after = halves.length == 2 ? halves[1].split(" ") : new String[0];
        if (before.length < 5 || after.length < 3 || !after[0].equals(type)) {
            return Optional.empty();
        }
        if (type.equals(FIRST) && !Arrays.asList(after[2].split(",")).contains(CONTROLLER)) {
            return Optional.empty();
        }
        // In a container the mount may show a part of the tree alone.
        Path root = Path.of(before[3]);
        Path top = Path.of(before[4]);
        Path cgroup = Path.of(path);
        List<Path> directories = new ArrayList<>();
        Path inside = cgroup.startsWith(root) ? root.relativize(cgroup) : Path.of("");
        for (Path at = top.resolve(inside).normalize(); at != null && at.startsWith(top); at = at.getParent()) {
            directories.add(at);
        }
        return Optional.of(directories);
    }
}
