package interchange.submit.workflow;

import java.util.List;
import java.util.stream.Stream;

/** What a YAML workflow may say: its readers know no other keys, and the manual is made from them. */
final class WorkflowKeys {
    /**
     * One key.
     *
     * @param value what it may be
     * @param meaning for the manual; with the default, where there is one
     */
    record Key(String name, String value, String meaning) {}

    static final List<Key> OF_WORKFLOW = List.of(
            new Key("name", "text", "What reports call the run; the file's name by default."),
            new Key(
                    "site",
                    "text, or a section",
                    "Where jobs run that name no other: a site of `sites`, of the daemon's `sites.yaml`, or a section of"
                            + " its own with a `name` in it ([sites.md](sites.md)). `interchange submit --site` wins."),
            new Key("sites", "sections by name", "More sites, for jobs that name them."),
            new Key(
                    "attributes",
                    "texts by name",
                    "Whatever reports should say of the run; `operator` is there already."),
            new Key("labels", "a list of texts", "The order of labels in reports; by default that of the jobs."),
            new Key("defaults", "a section", "What holds for all jobs that don't say otherwise."),
            new Key("jobs", "a list of sections", "The jobs. The last key: what comes after it is refused."));

    static final List<Key> OF_JOB = List.of(
            new Key("name", "text", "Unique in the run. Must be given."),
            new Key("needs", "a name, or a list of them", "Jobs that must succeed first."),
            new Key("command", "text", "What bash runs. This or `argv` must be given."),
            new Key("argv", "a list of texts", "What runs without a shell."),
            new Key(
                    "inputs",
                    "a path, or a list of paths or sections",
                    "Files that are brought to the job, for sites that don't share the file system"
                            + " ([files.md](files.md)). A section has a `path`, and may have a `name` in the job's directory"
                            + " and `executable: true`."),
            new Key(
                    "outputs",
                    "a path, or a list of paths or sections",
                    "Files that the job makes and that are brought back to these paths. A section has a `path`, and may"
                            + " have the `name` that the job gives it."),
            new Key(
                    "stdout",
                    "a path",
                    "Where its output goes, below the directory of the submission; `logs/<name>.stdout` by default."),
            new Key("stderr", "a path", "Likewise; `logs/<name>.stderr` by default."),
            new Key(
                    "final",
                    "true or false",
                    "Whether it is the final job: it runs after all others, however they ended, also when the run is"
                            + " cancelled. One at most."));

    static final List<Key> OF_JOB_AND_DEFAULTS = List.of(
            new Key("label", "text", "What reports group it by; `job` by default."),
            new Key("directory", "a path", "Where it runs; the directory of the submission by default."),
            new Key("cpus", "a whole number", "Cores it takes of a worker; 1 by default."),
            new Key("memory", "MiB", "Memory it takes of a worker; none is set aside by default."),
            new Key("memoryMax", "MiB", "The most that its memory grows to."),
            new Key("memoryMultiplier", "a number from 1", "By which its memory grows when it ran out of it."),
            new Key("disk", "MiB", "Scratch disk; counts where the site says how much a node gives (`disk`)."),
            new Key(
                    "walltime",
                    "minutes, or [D-]HH:MM[:SS]",
                    "What it may take: it starts only where so much is left of its block."),
            new Key("priority", "a whole number", "Higher goes first; 0 by default."),
            new Key(
                    "retries",
                    "a whole number",
                    "Attempts beyond the first, if it fails; the site's `retries` by default."),
            new Key("retryUnlessExit", "a number, or a list of them", "Exit codes after which it is not tried again."),
            new Key(
                    "environment",
                    "texts by name",
                    "Variables over those of the submitting shell. A name without a value takes the variable away."),
            new Key("site", "text", "Where it runs, if not on the workflow's site."),
            new Key(
                    "concurrencyLimit",
                    "text",
                    "Limits of config.yaml that it counts for: `NAME` or `NAME:N`, with commas."));

    private WorkflowKeys() {}

    static List<String> names(List<Key> keys) {
        return keys.stream().map(Key::name).toList();
    }

    static List<String> namesOfJob() {
        return Stream.concat(OF_JOB.stream(), OF_JOB_AND_DEFAULTS.stream())
                .map(Key::name)
                .toList();
    }
}
