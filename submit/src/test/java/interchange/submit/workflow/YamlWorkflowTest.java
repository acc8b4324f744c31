package interchange.submit.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.proto.workflow.Header;
import interchange.submit.CommandException;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class YamlWorkflowTest {
    private static final Header START =
            Header.newBuilder().setFormat(1).setName("file").build();

    @TempDir
    Path directory;

    @Test
    void theWorkflowOfTheHandbookIsRead() throws Exception {
        List<String> lines = convert("""
                name: demo
                site: {name: here, provider: local, nodesPerBlock: 1, cores: 2, memory: 4096}
                jobs:
                  - {name: a, label: first, command: "echo hello > a.txt"}
                  - {name: b, label: second, needs: [a], argv: [cat, a.txt], cpus: 1, memory: 512, walltime: 10, priority: 5, retries: 2, environment: {X: "1"}}
                """);
        assertThat(lines)
                .containsExactly(
                        "{\"header\":{\"format\":1,\"name\":\"demo\",\"site\":\"here\",\"sites\":{\"here\":{\"provider\":\"local\",\"nodesPerBlock\":1,\"cores\":2,\"memory\":4096}}}}",
                        "{\"job\":{\"name\":\"a\",\"label\":\"first\",\"command\":\"echo hello > a.txt\"}}",
                        "{\"job\":{\"name\":\"b\",\"label\":\"second\",\"needs\":[\"a\"],\"argv\":[\"cat\",\"a.txt\"],\"cpus\":1,\"memoryMib\":512,\"walltimeSeconds\":600,\"priority\":5,\"retries\":2,\"environment\":{\"X\":\"1\"}}}",
                        "{\"trailer\":{\"jobs\":2}}");
    }

    @Test
    void defaultsHoldForJobsThatDoNotSayOtherwise() throws Exception {
        List<String> lines = convert("""
                defaults: {label: l, retries: 2, retryUnlessExit: [1, 2], environment: {A: a, B: b}}
                jobs:
                  - {name: a, command: x, retries: 0, retryUnlessExit: 3, environment: {A: other, B: }}
                  - {name: b, command: x}
                """);
        assertThat(lines.get(1))
                .contains("\"retries\":0", "\"retryUnlessExit\":[3]", "{\"A\":\"other\"}")
                .contains("\"unsetEnvironment\":[\"B\"]");
        assertThat(lines.get(2)).contains("\"label\":\"l\"", "\"retries\":2", "\"retryUnlessExit\":[1,2]");
    }

    @Test
    void filesThatTravelAreReadInEveryWayOfWriting() throws Exception {
        List<String> lines = convert("""
                jobs:
                  - name: a
                    command: x
                    inputs: [in/data, {path: /opt/tool, name: t, executable: true}]
                    outputs: [{path: out/made, name: m}]
                  - {name: b, command: x, inputs: one}
                """);
        assertThat(lines.get(1))
                .contains("\"files\":[{\"path\":\"in/data\"},"
                        + "{\"path\":\"/opt/tool\",\"name\":\"t\",\"executable\":true},"
                        + "{\"path\":\"out/made\",\"name\":\"m\",\"output\":true}]");
        assertThat(lines.get(2)).contains("\"files\":[{\"path\":\"one\"}]");
    }

    @Test
    void scalarsOfSitesAreWhatYamlSays() throws Exception {
        assertThat(convert("""
                                sites:
                                  s: {a: 1, b: 1.5, c: yes, d: "yes", e: ~, f: 1:30, g: [x, 2], h: {i: 007}}
                                site: s
                                jobs: [{name: a, command: x}]
                                """).getFirst())
                .contains("{\"a\":1,\"b\":1.5,\"c\":true,\"d\":\"yes\",\"e\":null,\"f\":\"1:30\",\"g\":[\"x\",2],")
                .contains("\"h\":{\"i\":\"007\"}}");
    }

    /** The cases that the tests of sites and of the plugin read, too. */
    private static List<Arguments> walltimes() throws IOException {
        return Files.readAllLines(Path.of("../interchange/src/test/resources/interchange/settings/walltimes.tsv"))
                .stream()
                .filter(line -> !line.startsWith("#"))
                .map(line -> Arguments.of((Object[]) line.split("\t", -1)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("walltimes")
    void walltimesAreReadAsEverywhere(String written, String seconds) throws Exception {
        String workflow = "jobs: [{name: a, command: x, walltime: " + written + "}]";
        if (seconds.equals("refused")) {
            assertThatThrownBy(() -> convert(workflow)).hasMessageContaining("walltime");
        } else {
            assertThat(convert(workflow).get(1)).contains("\"walltimeSeconds\":" + seconds + "}");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "jobs: [{name: a, command: x, inputs: [{name: n}]}] | an item of 'inputs' has no 'path'",
                "jobs: [{name: a, command: x, outputs: [{path: p, executable: true}]}] | unknown key of an item of 'outputs'",
                "jobs: [{name: a, command: x, inputs: [{path: p, executable: perhaps}]}] | 'executable' is 'perhaps'",
                "jobs: [{command: x}] | w.yaml:1: a job has no name",
                "jobs: [{name: a}] | w.yaml:1: job 'a' has nothing to run",
                "jobs: [{name: a, command: x, argv: [x]}] | job 'a' has both 'command' (for the shell) and 'argv'",
                "jobs: [{name: a, comand: x}] | unknown key of a job 'comand': did you mean 'command'?",
                "jobs: [{name: a, command: x, cpus: two}] | 'cpus' is 'two', but must be a whole number from 1",
                "jobs: [{name: a, command: x, cpus: 0}] | 'cpus' is '0'",
                "jobs: [{name: a, command: x, memory: 4G}] | 'memory' is '4G', but must be MiB",
                "jobs: [{name: a, command: x, walltime: 1-30:00}] | 'walltime' is '1-30:00', but must be minutes",
                "jobs: [{name: a, command: x, walltime: -5}] | 'walltime' is '-5'",
                "jobs: [{name: a, command: x, final: maybe}] | 'final' is 'maybe', but must be true or false",
                "jobs: [{name: a, command: }] | 'command' has no value",
                "jobs: [{name: a, command: [x]}] | 'command' must be a single value",
                "jobs: [{name: a, argv: x}] | 'argv' must be a list",
                "jobs: [{name: a, name: b, command: x}] | 'name' is given twice in a job, first in line 1",
                "jobs: [{name: a, command: x, environment: [x]}] | 'environment' must be a mapping",
                "jobs: [{name: a, command: x, environment: {A=B: x}}] | 'A=B' can't be the name of a variable",
                "jobs: [x] | a job must be a mapping of keys to values",
                "jobs: {a: b} | 'jobs' must be a list",
                "jobs: [] | 'jobs' is empty",
                "name: x | the workflow has no 'jobs'",
                "{jobs: [{name: a, command: x}], site: y} | 'site' comes after 'jobs': put it before",
                "{site: {provider: local}, jobs: [{name: a, command: x}]} | the site has no name",
                "{defaults: {name: x}, jobs: [{name: a, command: x}]} | unknown key of defaults 'name'",
                "{jbs: []} | unknown key of a workflow 'jbs': did you mean 'jobs'?",
                "[a] | a workflow must be a mapping",
                "jobs: [{name: a, command: *x}] | aliases (*name) are not read here",
                "jobs: [{name: a | not YAML: ",
            })
    void whatIsWrongIsSaid(String yaml, String message) {
        assertThat(problems(yaml)).anySatisfy(problem -> assertThat(problem).contains(message));
        assertThat(problems(yaml)).allSatisfy(problem -> assertThat(problem).startsWith("w.yaml:1: "));
    }

    @Test
    void allProblemsAreSaidAtOnceEachWithItsLine() {
        assertThat(problems("""
                        nam: x
                        jobs:
                          - name: a
                            comand: x
                          - command: x
                            cpus: none
                          - {name: c, command: x}
                        """))
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("w.yaml:1: unknown key of a workflow 'nam'"),
                        two -> assertThat(two).startsWith("w.yaml:4: unknown key of a job 'comand'"),
                        three -> assertThat(three).startsWith("w.yaml:3: job 'a' has nothing to run"),
                        four -> assertThat(four).startsWith("w.yaml:6: 'cpus' is 'none'"),
                        five -> assertThat(five).startsWith("w.yaml:5: a job has no name"));
    }

    @Test
    void thousandsOfProblemsAreCutShort() {
        assertThat(problems("jobs:\n" + "  - {name: a}\n".repeat(1000)))
                .hasSize(Problems.PROBLEMS_MAX + 1)
                .last()
                .asString()
                .contains("only the first 50 problems");
    }

    @Test
    void anEmptyFileAndASecondDocumentAreNoWorkflow() {
        assertThat(problems("")).containsExactly("w.yaml:1: the workflow is empty");
        assertThat(problems("jobs: [{name: a, command: x}]\n---\njobs: []"))
                .singleElement()
                .asString()
                .contains("w.yaml:2: a second document");
    }

    @Test
    void theFileIsForItsOwnerAlone() throws Exception {
        convert("jobs: [{name: a, command: x, environment: {TOKEN: t}}]");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("0.jsonl"))))
                .isEqualTo("rw-------");
    }

    @Test
    void manyJobsAreReadInLittleMemory() throws Exception {
        int jobs = 200_000;
        Path file = directory.resolve("many.jsonl");
        long before = used();
        try (WorkflowWriter out = new WorkflowWriter(file, "")) {
            YamlWorkflow.convert("w.yaml", new ManyJobs(jobs), START, out);
            out.finish();
            // What stays reachable here must not grow with the file; garbage does not count.
            assertThat(used() - before).isLessThan(20L << 20);
        }
        try (var lines = Files.lines(file)) {
            assertThat(lines.count()).isEqualTo(jobs + 2);
        }
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** A text of many jobs that is made as it is read. */
    private static final class ManyJobs extends Reader {
        private final int jobs;
        private int next = -1;
        private StringReader part = new StringReader("");

        ManyJobs(int jobs) {
            this.jobs = jobs;
        }

        @Override
        public int read(char[] buffer, int from, int length) throws IOException {
            int read = part.read(buffer, from, length);
            if (read >= 0) {
                return read;
            }
            if (next == jobs) {
                return -1;
            }
            part = new StringReader(next < 0 ? "jobs:\n" : "  - {name: j" + next + ", command: 'true'}\n");
            next++;
            return part.read(buffer, from, length);
        }

        @Override
        public void close() {}
    }

    private int files;

    private List<String> convert(String yaml) throws CommandException, IOException {
        Path file = directory.resolve(files++ + ".jsonl");
        try (WorkflowWriter out = new WorkflowWriter(file, "")) {
            YamlWorkflow.convert("w.yaml", new StringReader(yaml), START, out);
            out.finish();
        }
        return Files.readAllLines(file);
    }

    private List<String> problems(String yaml) {
        CommandException[] thrown = new CommandException[1];
        assertThatThrownBy(() -> convert(yaml)).isInstanceOfSatisfying(CommandException.class, e -> thrown[0] = e);
        return thrown[0].messages();
    }
}
