package interchange.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The fields of one Job line, as in workflow.proto. One object is filled again for each line: a million are read. */
final class JobLine {
    static final int NOT_GIVEN = -1;

    static final String COMMAND = "COMMAND";
    static final String NOOP = "NOOP";
    static final String JOIN = "JOIN";

    String name = "";
    String label = "";
    List<String> needs = new ArrayList<>();
    String command = "";
    List<String> argv = new ArrayList<>();
    String directory = "";
    String stdout = "";
    String stderr = "";
    long cpus;
    long memoryMiB;
    long memoryMaxMiB;
    double memoryMultiplier;
    long walltimeSeconds;
    long priority;
    long retries;
    List<Integer> retryUnlessExit = new ArrayList<>();
    Map<String, String> environment = new TreeMap<>();
    List<String> unsetEnvironment = new ArrayList<>();
    String site = "";
    String concurrencyLimit = "";
    long diskMiB;
    boolean last;
    String kind = COMMAND;
    long abortOnExit = NOT_GIVEN;
    long abortReturn;
    String brings = "";
    List<FileEntry> files = new ArrayList<>();

    /** As in the message File. */
    static final class FileEntry {
        String path = "";
        String name = "";
        boolean output;
        boolean executable;
    }

    boolean isNoop() {
        return !kind.equals(COMMAND);
    }

    void clear() {
        name = "";
        label = "";
        needs.clear();
        command = "";
        argv.clear();
        directory = "";
        stdout = "";
        stderr = "";
        cpus = 0;
        memoryMiB = 0;
        memoryMaxMiB = 0;
        memoryMultiplier = 0;
        walltimeSeconds = 0;
        priority = 0;
        retries = NOT_GIVEN;
        retryUnlessExit.clear();
        environment.clear();
        unsetEnvironment.clear();
        site = "";
        concurrencyLimit = "";
        diskMiB = 0;
        last = false;
        kind = COMMAND;
        abortOnExit = NOT_GIVEN;
        abortReturn = 0;
        brings = "";
        files.clear();
    }
}
