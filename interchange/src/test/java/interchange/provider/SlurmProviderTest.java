package interchange.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.provider.Answer.Fate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers as Slurm 22.05 gives them, and as sites alter them. */
class SlurmProviderTest {
    private static final String TOKEN = "tabcdefghijklmn";

    private final SlurmProvider provider = SlurmProvider.of(
            Map.of(
                    "PATH", "/bin",
                    "SLURM_CONF", "/etc/slurm.conf",
                    "SLURM_JOB_ID", "77",
                    "SBATCH_TIMELIMIT", "1",
                    "AWS_SECRET_ACCESS_KEY", "secret",
                    "LD_LIBRARY_PATH", "/opt/slurm/lib"),
            Duration.ofSeconds(60));

    @TempDir
    private Path directory = Path.of("");

    private static Answer answer(String stdout) {
        return new Answer(0, stdout, "", Fate.ENDED);
    }

    private static Answer failure(String stderr) {
        return new Answer(1, "", stderr, Fate.ENDED);
    }

    private static BlockTerms terms(int nodes, int cores, int memoryMiB, Optional<Boolean> exclusive) {
        return terms(nodes, cores, memoryMiB, exclusive, "#SBATCH --licenses=sps");
    }

    private static BlockTerms terms(
            int nodes, int cores, int memoryMiB, Optional<Boolean> exclusive, String schedulerOption) {
        return new BlockTerms(
                "sdf",
                nodes,
                cores,
                memoryMiB,
                Duration.ofHours(30).plusSeconds(61),
                "rubin",
                "lsst",
                "normal",
                "[a|b]&c",
                exclusive,
                true,
                List.of(schedulerOption),
                "",
                cores,
                memoryMiB,
                "");
    }

    private BlockRequest request(BlockTerms terms) {
        return new BlockRequest(3, TOKEN, terms, List.of("n1", "n2"), directory, List.of("java", "Main"));
    }

    private String script(BlockTerms terms) throws IOException, ProviderException {
        provider.submit(request(terms));
        return Files.readString(directory.resolve("block.submit"));
    }

    @Test
    void aBlockAsksForWhatItsSiteSays() throws Exception {
        assertThat(script(terms(2, 8, 16_000, Optional.of(false))).lines())
                .containsSequence(
                        "#!/bin/sh",
                        "#SBATCH --job-name=interchange-sdf",
                        "#SBATCH --dependency=singleton",
                        "#SBATCH --nodes=2",
                        "#SBATCH --ntasks-per-node=1",
                        "#SBATCH --cpus-per-task=8",
                        "#SBATCH --mem=16000M",
                        "#SBATCH --time=30:01:01",
                        "#SBATCH --partition=rubin",
                        "#SBATCH --account=lsst",
                        "#SBATCH --qos=normal",
                        "#SBATCH --constraint=\"[a|b]&c\"",
                        "#SBATCH --exclude=n1,n2",
                        "#SBATCH --no-kill",
                        "#SBATCH --requeue",
                        "#SBATCH --open-mode=append",
                        "#SBATCH --licenses=sps");
    }

    @Test
    void wholeNodesAreAskedForWithAllTheirMemory() throws Exception {
        assertThat(script(terms(1, 0, 0, Optional.empty())))
                .contains("#SBATCH --exclusive\n#SBATCH --mem=0\n")
                .doesNotContain("--cpus-per-task");
        assertThat(script(terms(1, 8, 0, Optional.of(true))))
                .contains("#SBATCH --exclusive\n#SBATCH --cpus-per-task=8\n#SBATCH --mem=0\n");
        assertThat(script(terms(1, 8, 0, Optional.empty()))).doesNotContain("--exclusive", "--mem");
    }

    @Test
    void oneNodeNeedsNoLauncher() throws Exception {
        assertThat(script(terms(1, 0, 0, Optional.empty()))).contains("block.sh' 'here' ");
        assertThat(script(terms(2, 0, 0, Optional.empty()))).contains("block.sh' 'srun' ");
    }

    @Test
    void nothingOfTheDaemonsEnvironmentReachesSlurmButWhereItIs() throws Exception {
        List<String> argv =
                provider.submit(request(terms(1, 0, 0, Optional.empty()))).argv();

        assertThat(argv)
                .startsWith(
                        "env",
                        "-i",
                        "LD_LIBRARY_PATH=/opt/slurm/lib",
                        "PATH=/bin",
                        "SLURM_CONF=/etc/slurm.conf",
                        "sbatch",
                        "--parsable")
                .contains("--comment=" + TOKEN, "--chdir=" + directory);
        assertThat(provider.poll(List.of("1")).argv()).startsWith("env", "-i").doesNotContain("SLURM_JOB_ID=77");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"123\n", "123;cluster\n", "Welcome!\n123\nhave fun\n", "Submitted batch job 123\n", "5\n123\n"})
    void theIdIsFoundAmongWhatASitePrints(String stdout) throws ProviderException {
        assertThat(provider.parseSubmitted(answer(stdout))).isEqualTo("123");
    }

    @Test
    void aRefusalIsGivenInSlurmsWords() {
        ProviderException refusal = catchThrowableOfType(
                ProviderException.class,
                () -> provider.parseSubmitted(failure("sbatch: error: invalid partition specified: nope\n"
                        + "sbatch: error: Batch job submission failed: Invalid partition name specified\n")));

        assertThat(refusal)
                .hasMessage("sbatch refused the block: \"invalid partition specified: nope; Batch job submission"
                        + " failed: Invalid partition name specified\"");
        assertThat(refusal.certain()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation",
                "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
                "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received"
            })
    void aControllerThatDoesNotAnswerMayHaveTakenTheBlock(String stderr) {
        ProviderException refusal =
                catchThrowableOfType(ProviderException.class, () -> provider.parseSubmitted(failure(stderr)));

        assertThat(refusal.certain()).isFalse();
    }

    @Test
    void anAnswerWithoutAnIdIsNotCertain() {
        ProviderException refusal =
                catchThrowableOfType(ProviderException.class, () -> provider.parseSubmitted(answer("queued\n")));

        assertThat(refusal.certain()).isFalse();
    }

    @Test
    void oneLookTellsOfAllBlocks() throws ProviderException {
        Map<String, BlockReport> reports = provider.parsePolled(answer("""
                11|PENDING|1:00:00||Resources|%1$s|/h/blocks/1-%1$s
                12|RUNNING|1-02:03:04|n[1-3,7],m2|None|(null)|/h
                13|RUNNING|UNLIMITED|n1|None|x|/h
                14_[1-4]|PENDING|1:00:00||Resources|(null)|/h
                """.formatted(TOKEN)));

        assertThat(reports)
                .isEqualTo(Map.of(
                        "11", new BlockReport(BlockPhase.QUEUED, "waiting: Resources", -1),
                        "12", new BlockReport(BlockPhase.RUNNING, "", 93_784, List.of("n1", "n2", "n3", "n7", "m2")),
                        "13", new BlockReport(BlockPhase.RUNNING, "", -1, List.of("n1"))));
    }

    @ParameterizedTest
    @CsvSource({
        "PENDING, QUEUED",
        "CONFIGURING, QUEUED",
        "REQUEUED, QUEUED",
        "REQUEUE_HOLD, QUEUED",
        "SPECIAL_EXIT, QUEUED",
        "RUNNING, RUNNING",
        "COMPLETING, RUNNING",
        "STAGE_OUT, RUNNING",
        "RESIZING, RUNNING",
        "A_STATE_OF_SLURM_40, RUNNING",
        "SUSPENDED, SUSPENDED",
        "STOPPED, SUSPENDED",
        "COMPLETED, ENDED",
        "CANCELLED, ENDED",
        "TIMEOUT, ENDED",
        "PREEMPTED, ENDED",
        "DEADLINE, ENDED",
        "REVOKED, RUNNING",
        "FAILED, FAILED",
        "BOOT_FAIL, FAILED",
        "OUT_OF_MEMORY, OUT_OF_MEMORY",
        "LAUNCH_FAILED, FAILED",
        "NODE_FAIL, NODE_FAILED"
    })
    void statesAreTold(String state, BlockPhase phase) throws ProviderException {
        Map<String, BlockReport> reports = provider.parsePolled(answer("5|" + state + "|0:00|n1|None|c|/d\n"));

        assertThat(reports.get("5")).isNotNull().extracting(BlockReport::phase).isEqualTo(phase);
    }

    @Test
    void reasonsAndUnknownStatesAreSaid() throws ProviderException {
        Map<String, BlockReport> reports = provider.parsePolled(answer(
                "5|FAILED|0:00|n1|NonZeroExitCode|c|/d\n6|NEW|0:00|n1|None|c|/d\n7|TIMEOUT|0:00|n1|None|c|/d\n"));

        assertThat(reports.values())
                .extracting(BlockReport::message)
                .containsExactly("FAILED: NonZeroExitCode", "NEW", "TIMEOUT");
    }

    @Test
    void whatSlurmHoldsIsStuckAndWhatTheUserHoldsIsNot() throws ProviderException {
        Map<String, BlockReport> reports = provider.parsePolled(answer("""
                5|PENDING|1:00||launch failed requeued held|c|/d
                6|PENDING|1:00||job_requeued_in_held_state|c|/d
                7|PENDING|1:00||JobHeldUser|c|/d
                8|PENDING|1:00||BeginTime|c|/d
                """));

        assertThat(reports.values()).extracting(provider::isStuck).containsExactly(true, true, false, false);
    }

    @Test
    void commentsAndDirectoriesMayHoldAnything() throws ProviderException {
        Map<String, BlockReport> reports = provider.parsePolled(
                answer("8|RUNNING|1:00|n1|None|my\n9|own | comment|/odd|dir\n10|RUNNING|1:00|n2|None||/d\n"));

        assertThat(reports.keySet()).containsExactly("8", "10");
    }

    @Test
    void anUnreachableControllerIsNoEmptyQueue() {
        assertThatThrownBy(() -> provider.parsePolled(
                        failure("slurm_load_jobs error: Unable to contact slurm controller (connect failure)")))
                .hasMessageContaining("Unable to contact slurm controller");
        assertThatThrownBy(() -> provider.parsePolled(answer("squeue is down for maintenance\n")))
                .hasMessageContaining("can't read \"squeue is down for maintenance\"");
        assertThatThrownBy(() -> provider.parseFound(failure(""))).isInstanceOf(ProviderException.class);
    }

    @Test
    void anEmptyQueueIsEmpty() throws ProviderException {
        assertThat(provider.parsePolled(answer(""))).isEmpty();
        assertThat(provider.parseFound(answer("\n"))).isEmpty();
    }

    @Test
    void blocksAreFoundByCommentOrDirectory() throws ProviderException {
        Map<String, String> found = provider.parseFound(answer("""
                21|PENDING|1:00:00||Resources|tonetonetonetone|/h/blocks/1-other
                22|PENDING|1:00:00||Resources|rewritten by the site|/h/blocks/2-ttwottwottwottw
                23|PENDING|1:00:00||Resources|(null)|/h/blocks/1-tonetonetonetone
                """));

        assertThat(found).containsEntry("tonetonetonetone", "21").containsEntry("ttwottwottwottw", "22");
    }

    @Test
    void hiddenPartitionsAreLookedAtToo() {
        assertThat(provider.poll(List.of("1")).argv()).contains("squeue", "--federation", "--all");
        assertThat(provider.countRestarts(List.of("1")).orElseThrow().argv())
                .contains("squeue", "--federation", "--all");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "40|RUNNING|1:00|n1|None|c|/d\n40|REVOKED|0:00||None|c|/d\n",
                "40|REVOKED|0:00||None|c|/d\n40|RUNNING|1:00|n1|None|c|/d\n"
            })
    void theCopyOfTheClusterThatRunsItCountsInAFederation(String queue) throws ProviderException {
        assertThat(provider.parsePolled(answer(queue)))
                .isEqualTo(Map.of("40", new BlockReport(BlockPhase.RUNNING, "", 60, List.of("n1"))));
    }

    @Test
    void anotherClusterIsRefusedByTheNameOfTheOption() {
        for (String option : List.of("--clusters=b", "--cluster b", "-M b", "--qos=x -Mb")) {
            BlockTerms terms = terms(1, 1, 1, Optional.empty(), "#SBATCH " + option);
            assertThatThrownBy(() -> script(terms)).as(option).hasMessageContaining("in schedulerOptions");
        }
        assertThatCode(() ->
                        script(terms(1, 1, 1, Optional.empty(), "#SBATCH --mail-user=a-M --comment=--clusterless")))
                .doesNotThrowAnyException();
    }

    @Test
    void accountingTellsOfEndsAndOfWhatIsStillThere() {
        assertThat(provider.parseLookedBack(answer("""
                31|COMPLETED|0:0|n1
                32|CANCELLED by 1000|0:15|n[1-2]
                33|RUNNING|0:0|n3
                34|FAILED|1:0|n1
                35|NODE_FAIL|0:0|n1
                36|PENDING|0:0|None assigned
                """)))
                .isEqualTo(Map.of(
                        "31", new BlockReport(BlockPhase.ENDED, "", -1, List.of("n1")),
                        "32", new BlockReport(BlockPhase.ENDED, "CANCELLED: exit code 0:15", -1, List.of("n1", "n2")),
                        "33", new BlockReport(BlockPhase.RUNNING, "", -1, List.of("n3")),
                        "36", new BlockReport(BlockPhase.QUEUED, "waiting", -1),
                        "34", new BlockReport(BlockPhase.FAILED, "FAILED: exit code 1:0", -1, List.of("n1")),
                        "35", new BlockReport(BlockPhase.NODE_FAILED, "NODE_FAIL", -1, List.of("n1"))));
    }

    @Test
    void accountingThatIsOffTellsNothing() {
        assertThat(provider.parseLookedBack(failure("Slurm accounting storage is disabled")))
                .isEmpty();
    }

    @Test
    void whatIsOverNeedsNoCancel() throws ProviderException {
        provider.checkCancelled(answer(""));
        provider.checkCancelled(failure("scancel: error: Kill job error on job id 9: Invalid job id specified\n"
                + "scancel: error: Kill job error on job id 8: Job/step already completing or completed\n"));
        assertThatThrownBy(() -> provider.checkCancelled(
                        failure("scancel: error: Kill job error on job id 9: Invalid job id specified\n"
                                + "scancel: error: Kill job error on job id 8: Access/permission denied\n")))
                .hasMessageContaining("Access/permission denied");
        assertThatThrownBy(() -> provider.checkCancelled(failure(""))).isInstanceOf(ProviderException.class);
    }

    @Test
    void nodeListsAreExpandedWithinReason() {
        assertThat(NodeList.expand("n[08-11],rack[1-2]n[1,3]-ib,login"))
                .containsExactly(
                        "n08", "n09", "n10", "n11", "rack1n1-ib", "rack1n3-ib", "rack2n1-ib", "rack2n3-ib", "login");
        assertThat(NodeList.expand("")).isEmpty();
        assertThat(NodeList.expand("n[1-999999999]")).isEmpty();
        assertThat(NodeList.expand("n[1-9999]x[1-9999]")).isEmpty();
        assertThat(NodeList.expand("n[1-")).isEmpty();
    }
}
