package interchange.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.provider.Answer.Fate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On recorded answers of OpenPBS 23.06; those of Torque are written after its documentation. */
class PbsProviderTest {
    private static final PbsProvider PRO = new PbsProvider(Optional.of(PbsDialect.PRO), Duration.ofSeconds(60));
    private static final PbsProvider TORQUE = new PbsProvider(Optional.of(PbsDialect.TORQUE), Duration.ofSeconds(60));

    @TempDir
    private Path directory = Path.of("");

    private static Answer says(int exit, String stdout, String stderr) {
        return new Answer(exit, stdout, stderr, Fate.ENDED);
    }

    private static BlockReport only(Map<String, BlockReport> reports) {
        assertThat(reports).hasSize(1);
        return reports.values().iterator().next();
    }

    private static BlockReport polled(String recording) throws ProviderException {
        return only(PRO.parsePolled(Recording.of(recording)));
    }

    private static BlockReport ended(PbsDialect dialect, Map<String, String> attributes) {
        Map<String, String> all = new HashMap<>(attributes);
        all.putIfAbsent("exec_host", "n1/0");
        all.put("job_state", dialect == PbsDialect.PRO ? "F" : "C");
        return new PbsJob(dialect, all).report();
    }

    // ---- which

    @Test
    void dialectIsToldByTheVersion() throws Exception {
        assertThat(PbsDialect.of(Recording.of("pbs/version"))).isEqualTo(PbsDialect.PRO);
        assertThat(PbsDialect.of(says(0, "pbs_version = PBSPro_13.1.2\n", ""))).isEqualTo(PbsDialect.PRO);
        assertThat(PbsDialect.of(says(0, "", "Version: 6.1.1\nCommit: abc\n"))).isEqualTo(PbsDialect.TORQUE);
        assertThat(PbsDialect.of(says(0, "version: 2.5.12\n", ""))).isEqualTo(PbsDialect.TORQUE);
        assertThatThrownBy(() -> PbsDialect.of(says(1, "", "Unknown option: version\n")))
                .hasMessageContaining("does not answer like OpenPBS, PBS Pro or Torque: Unknown option: version");
    }

    @Test
    void kindIsAskedForOnce() throws Exception {
        PbsProvider fresh = new PbsProvider(Duration.ofSeconds(60));

        assertThat(fresh.probe().orElseThrow().argv()).containsExactly("qstat", "--version");
        assertThat(fresh.probed(Recording.of("pbs/version"))).isEqualTo(PRO);
        assertThat(PRO.probe()).isEmpty();
    }

    // ---- look

    @Test
    void runningJobHasNodesAndTime() throws Exception {
        BlockReport report = polled("pbs/running");

        assertThat(report).isEqualTo(new BlockReport(BlockPhase.RUNNING, "", 300, List.of("vm"), 0));
    }

    @Test
    void waitingJobSaysWhyInOneLineThoughItWasWrapped() throws Exception {
        assertThat(polled("pbs/can-never-run"))
                .isEqualTo(new BlockReport(
                        BlockPhase.QUEUED,
                        "Can Never Run: Insufficient amount of resource: ncpus (R: 64 A: 8 T: 8)",
                        -1));
        assertThat(polled("pbs/held").phase()).isEqualTo(BlockPhase.QUEUED);
    }

    @Test
    void finishedJobIsAbsentFromThePollAndFoundInTheHistory() throws Exception {
        assertThat(PRO.parsePolled(Recording.of("pbs/over-without-x"))).isEmpty();
        assertThat(PRO.parsePolled(Recording.of("pbs/some-over"))).containsOnlyKeys("48.vm");
        assertThat(PRO.lookBack(List.of("47.vm")).orElseThrow().argv()).containsExactly("qstat", "-x", "-f", "47.vm");
        assertThat(PRO.parseLookedBack(Recording.of("pbs/over-with-x")))
                .isEqualTo(Map.of(
                        "47.vm",
                        new BlockReport(
                                BlockPhase.ENDED,
                                "Job run at Sun Nov 22 at 15:27 on (vm:ncpus=1:mem=102400kb) and finished",
                                0,
                                List.of("vm"),
                                0)));
    }

    @Test
    void serverWithoutHistoryHasNoRecordAndIsNoFailure() {
        Answer none = says(0, "", "qstat: PBS is not configured to maintain job history\n");

        assertThat(PRO.parseLookedBack(none)).isEmpty();
        assertThat(TORQUE.lookBack(List.of("1.head"))).isEmpty();
    }

    @Test
    void jobThatAPollDidNotShowButTheHistoryKnowsIsStillThere() {
        assertThat(only(PRO.parseLookedBack(Recording.of("pbs/running"))).phase())
                .isEqualTo(BlockPhase.RUNNING);
    }

    @Test
    void jobThatWaitsOrWasEndedAfterARunTellsThatItsNextStartIsAnother() {
        Map<String, String> requeued = Map.of("job_state", "Q", "run_count", "2");
        assertThat(new PbsJob(PbsDialect.PRO, requeued).report().restarts()).isEqualTo(2);
        assertThat(ended(PbsDialect.PRO, Map.of("run_count", "2", "exec_host", ""))
                        .restarts())
                .isEqualTo(2);
        assertThat(ended(PbsDialect.PRO, Map.of("run_count", "2", "exit_status", "0"))
                        .restarts())
                .isEqualTo(1);
        assertThat(ended(PbsDialect.TORQUE, Map.of("start_count", "2", "exit_status", "0"))
                        .restarts())
                .isEqualTo(1);
    }

    @Test
    void whatPbsHoldsIsStuckAndWhatSomebodyHoldsIsNot() throws Exception {
        Map<String, String> held = Map.of("job_state", "H", "comment", "job held, too many failed attempts to run");
        assertThat(PRO.isStuck(new PbsJob(PbsDialect.PRO, held).report())).isTrue();
        assertThat(PRO.isStuck(polled("pbs/held"))).isFalse();
    }

    @Test
    void homeWithBlanksOrColonsIsNotNamedInTheHead() throws Exception {
        for (String name : List.of("a home", "a:home")) {
            Path odd = Files.createDirectory(directory.resolve(name));
            PRO.submit(new BlockRequest(
                    3, "t", terms(1, 1, 0, Optional.empty()), List.of(), odd, List.of("java", "Main")));
            assertThat(Files.readString(odd.resolve("block.submit")))
                    .contains("#PBS -o /dev/null\n", "exec sh '" + odd + "/block.sh' ");
        }
    }

    @Test
    void onlyOurOwnJobsAreFound() {
        assertThat(PRO.find(List.of("ta")).argv().get(2)).contains("qselect -u \"$(id -un)\" -N \"$token\"");
    }

    @Test
    void unknownJobIsAbsentAndSpoilsNothing() throws Exception {
        assertThat(PRO.parsePolled(Recording.of("pbs/unknown"))).isEmpty();
        assertThat(PRO.parsePolled(Recording.of("pbs/some-unknown"))).containsOnlyKeys("48.vm", "50.vm");
        assertThat(PRO.parsePolled(says(1, "", "qstat: illegally formed job identifier: 1.otherhost\n")))
                .isEmpty();
    }

    @Test
    void unreachableServerIsAFailureThoughItsAnswerIsValidAndEmpty() {
        for (String recording : List.of("pbs/unreachable", "pbs/unreachable-json")) {
            assertThatThrownBy(() -> PRO.parsePolled(Recording.of(recording)))
                    .isInstanceOf(ProviderException.class)
                    .hasMessage("qstat ended with exit code 255: Connection refused | "
                            + "qstat: cannot connect to server vm (errno=15010)");
        }
        assertThatThrownBy(() -> PRO.parsePolled(says(0, "", ""))).hasMessageContaining("said nothing");
        assertThatThrownBy(() -> PRO.parsePolled(new Answer(-1, "", "no end after 60 s", Fate.TIMED_OUT)))
                .hasMessageContaining("no end after 60 s");
        // What one complains of must not hide that there is no answer about the others.
        assertThatThrownBy(() -> PRO.parsePolled(
                        says(255, "", "qstat: Unknown Job Id 9.vm\nqstat: cannot connect to server vm\n")))
                .isInstanceOf(ProviderException.class);
    }

    @Test
    void valuesThatLookLikeNumbersOrAreNoTextHurtNobody() throws Exception {
        Answer answer = Recording.of("pbs/odd-values");

        assertThat(PbsListing.read(answer.stdout()))
                .hasEntrySatisfying("105.vm", job -> assertThat(job).containsEntry("job_name", "123"))
                .hasEntrySatisfying(
                        "101.vm",
                        job -> assertThat(job.get("variable_list"))
                                .contains(
                                        "PBS_O_SYSTEM=Linux,A=007,B=1e5,C=nan,D=inf,E=0x1F,F=-0,G=12345678901234567890,H=,"));
        assertThat(PRO.parsePolled(answer))
                .hasSize(3)
                .allSatisfy((id, report) -> assertThat(report.phase()).isEqualTo(BlockPhase.QUEUED))
                .hasEntrySatisfying(
                        "104.vm", report -> assertThat(report.message()).isEqualTo("held by \uFFFD\uFFFD"));
    }

    @Test
    void torqueShowsWhatIsOverInItsQueue() throws Exception {
        assertThat(TORQUE.parsePolled(Recording.of("pbs/torque")))
                .isEqualTo(Map.of(
                        "7.head.example.org",
                        new BlockReport(BlockPhase.RUNNING, "", 3540, List.of("n1", "n2"), 1),
                        "8.head.example.org",
                        new BlockReport(BlockPhase.ENDED, "exit status 271", 0, List.of("n1", "n2")),
                        "9.head.example.org",
                        new BlockReport(BlockPhase.ENDED, "exit status -11", 0, List.of("n1"))));
    }

    @Test
    void endsAreToldApart() {
        Map<String, BlockPhase> phases = new HashMap<>();
        Recording.text("pbs/ends.tsv")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> {
                    String[] fields = line.split("\t", -1);
                    Map<String, String> attributes = new HashMap<>(Map.of("substate", fields[1], "comment", fields[3]));
                    if (fields[2].isEmpty()) {
                        attributes.put("exec_host", "");
                    } else {
                        attributes.put("exit_status", fields[2]);
                    }
                    phases.put(fields[0], ended(PbsDialect.PRO, attributes).phase());
                });

        assertThat(phases).hasSize(22);
        for (String ordinary : List.of(
                "exit0",
                "walltime",
                "badoutdir",
                "qdelRunning",
                "qdelExecSleep",
                "qdelTrap",
                "qdelBash2",
                "qdelForce",
                "qdelHeld",
                "afterokChild",
                "killTERMself")) {
            assertThat(phases.remove(ordinary)).as(ordinary).isEqualTo(BlockPhase.ENDED);
        }
        assertThat(phases.values()).containsOnly(BlockPhase.FAILED);
    }

    @Test
    void endThatNobodySawOrThatTheNodeCausedIsANodeFailure() {
        assertThat(ended(PbsDialect.PRO, Map.of("substate", "91")).phase()).isEqualTo(BlockPhase.NODE_FAILED);
        for (String status : List.of("-4", "-5", "-6", "-20")) {
            assertThat(ended(PbsDialect.PRO, Map.of("exit_status", status)).phase())
                    .isEqualTo(BlockPhase.NODE_FAILED);
        }
        assertThat(ended(PbsDialect.PRO, Map.of("exit_status", "-1")))
                .isEqualTo(new BlockReport(BlockPhase.FAILED, "exit status -1", 0, List.of("n1"), -1));
    }

    @Test
    void killedJobIsOverInTheOrdinaryWayWhereItWasDeletedOrItsTimeWasOver() {
        Map<String, String> killed = Map.of("exit_status", "265");
        Map<String, String> late =
                Map.of("exit_status", "265", "resource_list.walltime", "01:00", "resources_used.walltime", "00:01:02");

        assertThat(ended(PbsDialect.PRO, killed).phase()).isEqualTo(BlockPhase.FAILED);
        assertThat(ended(PbsDialect.PRO, late).phase()).isEqualTo(BlockPhase.ENDED);
        assertThat(ended(PbsDialect.TORQUE, killed).phase()).isEqualTo(BlockPhase.ENDED);
    }

    @Test
    void moreMemoryThanItHadIsToldByPbssOwnCodes() {
        for (String code : List.of("-26", "-27")) {
            assertThat(ended(PbsDialect.PRO, Map.of("exit_status", code)).phase())
                    .isEqualTo(BlockPhase.OUT_OF_MEMORY);
        }
        assertThat(ended(PbsDialect.TORQUE, Map.of("exit_status", "-10")).phase())
                .isEqualTo(BlockPhase.OUT_OF_MEMORY);
        assertThat(ended(PbsDialect.PRO, Map.of("exit_status", "-10")).phase()).isEqualTo(BlockPhase.FAILED);
    }

    @Test
    void stateThatIsNotKnownIsNotOver() {
        assertThat(new PbsJob(PbsDialect.PRO, Map.of("job_state", "M")).report())
                .isEqualTo(new BlockReport(BlockPhase.RUNNING, "PBS says it is in state 'M'", -1));
        assertThat(new PbsJob(PbsDialect.PRO, Map.of("job_state", "S")).report().phase())
                .isEqualTo(BlockPhase.SUSPENDED);
        assertThat(new PbsJob(PbsDialect.PRO, Map.of("job_state", "W")).report().phase())
                .isEqualTo(BlockPhase.QUEUED);
    }

    // ---- submit

    @Test
    void submittedJobHasAnIdWhateverASiteSaysBeforeIt() throws Exception {
        assertThat(PRO.parseSubmitted(Recording.of("pbs/submitted"))).isEqualTo("47.vm");
        assertThat(TORQUE.parseSubmitted(says(0, "Your project has 100 hours left.\n12.head.example.org\n", "")))
                .isEqualTo("12.head.example.org");
        ProviderException silent =
                catchThrowableOfType(ProviderException.class, () -> PRO.parseSubmitted(says(0, "\n", "")));
        assertThat(silent.certain()).isFalse();
    }

    @Test
    void refusalIsInTheWordsOfPbsAndCertainUnlessItWasInterrupted() {
        for (String recording : List.of("pbs/no-queue", "pbs/no-resource", "pbs/submit-unreachable")) {
            Answer answer = Recording.of(recording);
            ProviderException refusal = catchThrowableOfType(ProviderException.class, () -> PRO.parseSubmitted(answer));
            assertThat(refusal).hasMessageContaining(answer.words());
            assertThat(refusal.certain()).as(recording).isTrue();
        }
        ProviderException cut = catchThrowableOfType(
                ProviderException.class, () -> PRO.parseSubmitted(says(3, "", "qsub: End of File\n")));
        assertThat(cut.certain()).isFalse();
    }

    private BlockRequest request(BlockTerms terms) {
        return new BlockRequest(3, "tabcdefghijklmn", terms, List.of(), directory, List.of("java", "Main"));
    }

    static BlockTerms terms(int nodes, int cores, int memoryMiB, Optional<Boolean> exclusive) {
        return new BlockTerms(
                "here",
                nodes,
                cores,
                memoryMiB,
                Duration.ofMinutes(90),
                "workq",
                "acct",
                "",
                "",
                exclusive,
                false,
                List.of("#PBS -l software=x"),
                "",
                cores,
                memoryMiB,
                "");
    }

    private String script(PbsProvider provider, BlockTerms terms) throws IOException {
        Call call = provider.submit(request(terms));
        Path script = Path.of(Objects.requireNonNull(call.argv().getLast()));
        assertThat(call.argv().getFirst()).isEqualTo("qsub");
        return Files.readString(script);
    }

    @Test
    void scriptAsksForChunksOnNodesOfTheirOwn() throws Exception {
        assertThat(script(PRO, terms(2, 8, 4096, Optional.empty())))
                .startsWith("#!/bin/sh\n#PBS -S /bin/sh\n#PBS -N tabcdefghijklmn\n#PBS -j oe\n#PBS -o " + directory
                        + "/batch.out\n#PBS -m n\n#PBS -r y\n#PBS -l select=2:ncpus=8:mem=4096mb\n"
                        + "#PBS -l place=scatter\n#PBS -l walltime=01:30:00\n#PBS -q workq\n#PBS -A acct\n"
                        + "#PBS -l software=x\nexec sh '" + directory + "/block.sh' 'pbs' ")
                .doesNotContain("-V");
        assertThat(script(PRO, terms(1, 8, 0, Optional.of(true))))
                .contains("select=1:ncpus=8\n", "place=scatter:excl\n", "block.sh' 'here' ");
    }

    @Test
    void nodesWithoutANumberOfCoresAreAskedForWhole() throws Exception {
        assertThat(script(PRO, terms(2, 0, 0, Optional.empty())))
                .contains("select=2:ncpus=1\n", "place=scatter:exclhost\n", " '2' '5400' '0' '0' '--' ");
        assertThat(script(PRO, terms(2, 0, 0, Optional.of(false))))
                .contains("select=2:ncpus=1\n", "place=scatter\n", " '2' '5400' '1' '0' '--' ");
    }

    @Test
    void torqueIsAskedForNodesAndTheirProcessors() throws Exception {
        assertThat(script(TORQUE, terms(2, 8, 4096, Optional.of(true))))
                .contains("-l nodes=2:ppn=8\n", "-l mem=8192mb\n", "-l naccesspolicy=singlejob\n")
                .doesNotContain("select", "place");
    }

    // ---- find and cancel

    @Test
    void foundJobsAreNamedByTheirTokens() throws Exception {
        assertThat(PRO.parseFound(says(0, "ta\t48.vm\ntb\t50.vm\n", "")))
                .isEqualTo(Map.of("ta", "48.vm", "tb", "50.vm"));
        assertThat(PRO.parseFound(says(0, "", ""))).isEmpty();
        assertThatThrownBy(() -> PRO.parseFound(says(255, "", "qselect: cannot connect to server vm (errno=15010)\n")))
                .isInstanceOf(ProviderException.class);
        assertThatThrownBy(() -> PRO.parseFound(says(0, "ta\tnonsense\n", ""))).hasMessageContaining("can't read");
    }

    @Test
    void deletionOfWhatIsOverOrUnknownIsNoError() throws Exception {
        PRO.checkCancelled(Recording.of("pbs/deleted-silently"));
        PRO.checkCancelled(Recording.of("pbs/delete-over"));
        PRO.checkCancelled(Recording.of("pbs/delete-some-unknown"));
        TORQUE.checkCancelled(
                says(170, "", "qdel: Request invalid for state of job MSG=invalid state for job - COMPLETE 8.head\n"));
    }

    @Test
    void deletionThatPbsDoesNotDoIsAnError() {
        assertThatThrownBy(() -> PRO.checkCancelled(Recording.of("pbs/delete-anothers")))
                .hasMessageContaining("Unauthorized Request");
        assertThatThrownBy(() -> PRO.checkCancelled(Recording.of("pbs/delete-unreachable")))
                .hasMessageContaining("Couldn't connect to cluster: vm");
    }
}
