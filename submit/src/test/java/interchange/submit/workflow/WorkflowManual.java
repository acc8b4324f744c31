package interchange.submit.workflow;

import interchange.submit.workflow.WorkflowKeys.Key;
import java.util.List;

/** Writes docs/workflow.md from what the readers of workflows know. */
public final class WorkflowManual {
    private WorkflowManual() {}

    public static String text() {
        return """
                # Workflows in YAML

                For work that is no BPS pipeline, and for trying things out: `interchange submit FILE.yaml`. (BPS users never
                see such a file: the plugin writes what the daemon reads.) This page is made from the code (`WorkflowKeys`), and
                a test compares them.

                ```yaml
                name: demo
                site: {name: here, provider: local, cores: 2, memory: 4096}
                defaults: {retries: 2, environment: {OMP_NUM_THREADS: "1"}}
                jobs:
                  - {name: a, label: first, command: "echo hello > a.txt"}
                  - {name: b, label: second, needs: [a], argv: [cat, a.txt], memory: 512, walltime: 10}
                  - {name: end, label: last, command: "echo done", final: true}
                ```

                Every problem of a file is listed at once, with its line, before anything runs. Everything about the whole
                stands before `jobs`, because jobs are passed on as they are read; aliases (`*name`) are not read.

                ## The workflow

                """ + table(WorkflowKeys.OF_WORKFLOW) + """

                ## A job

                """ + table(WorkflowKeys.OF_JOB) + """

                ## A job, or `defaults`

                """
                + table(WorkflowKeys.OF_JOB_AND_DEFAULTS) + """

                ## Files

                A submission is kept in `.interchange/<name>-<id>/` of the directory that it was made in, for as long as the run
                may go on; a refused one leaves nothing. What jobs print is in `logs/` of that directory: two runs from one
                directory whose jobs have the same names write to the same files, so give each its own directory, or its own
                `stdout` and `stderr`.

                A site's `environment`, `retries` and `commandPrefix` hold for these jobs, too: [sites.md](sites.md). Commands
                are in [cli.md](cli.md).
                """;
    }

    private static String table(List<Key> keys) {
        StringBuilder table = new StringBuilder("| key | value | meaning |\n|---|---|---|\n");
        for (Key key : keys) {
            table.append("| `%s` | %s | %s |\n".formatted(key.name(), key.value(), key.meaning()));
        }
        return table.toString();
    }
}
