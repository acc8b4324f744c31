package interchange.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.provider.Answer.Fate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On recorded answers of openlava 2.2; those of IBM LSF are written after its documentation. */
class LsfProviderTest {
    private static final LsfProvider PLAIN = new LsfProvider(Optional.of(LsfDialect.PLAIN), Duration.ofSeconds(60));
    private static final LsfProvider IBM = new LsfProvider(Optional.of(LsfDialect.FORMATTED), Duration.ofSeconds(60));

    @TempDir
    private Path directory = Path.of("");

    private static Answer says(int exit, String stdout, String stderr) {
        return new Answer(exit, stdout, stderr, Fate.ENDED);
    }

    private static BlockReport lookedBack(String recording) {
        Map<String, BlockReport> reports = PLAIN.parseLookedBack(Recording.of(recording));
        assertThat(reports).hasSize(1);
        return reports.values().iterator().next();
    }

    // ---- which

    @Test
    void dialectIsToldByTheVersion() throws Exception {
        assertThat(LsfDialect.of(Recording.of("lsf/version"))).isEqualTo(LsfDialect.PLAIN);
        assertThat(LsfDialect.of(says(0, "", "IBM Spectrum LSF Standard 10.1.0.0, Mar 29 2019\nCopyright\n")))
                .isEqualTo(LsfDialect.FORMATTED);
        assertThat(LsfDialect.of(says(0, "", "Platform LSF 9.1.3.0, Jul 04 2014\n")))
                .isEqualTo(LsfDialect.PLAIN);
        assertThatThrownBy(() -> LsfDialect.of(new Answer(-1, "", "No such file", Fate.NOT_STARTED)))
                .hasMessageContaining("bsub -V could not be run");
    }

    @Test
    void onlyWhatItKnowsIsAskedOfEachKind() {
        assertThat(PLAIN.poll(List.of("1")).argv()).containsExactly("bjobs", "-a", "-w", "1");
        assertThat(IBM.poll(List.of("1")).argv())
                .containsExactly("bjobs", "-a", "-noheader", "-o", LsfListing.FIELDS, "1");
        assertThatThrownBy(() -> PLAIN.parsePolled(Recording.of("lsf/no-option")))
                .isInstanceOf(ProviderException.class);
    }

    // ---- look

    @Test
    void plainListingTellsStatesAndNodes() throws Exception {
        Map<String, BlockReport> reports = PLAIN.parsePolled(Recording.of("lsf/all"));

        assertThat(reports)
                .containsEntry("121", new BlockReport(BlockPhase.RUNNING, "", -1, List.of("vm")))
                .containsEntry("124", new BlockReport(BlockPhase.QUEUED, "", -1))
                .containsEntry("130", new BlockReport(BlockPhase.QUEUED, "", -1))
                .containsEntry("120", new BlockReport(BlockPhase.ENDED, "", 0, List.of("vm")));
        // EXIT is every other end: which, the long listing has to tell.
        assertThat(reports).doesNotContainKeys("125", "127", "112");
    }

    @Test
    void nodesOfSeveralHostsAreEachNamedOnce() {
        assertThat(LsfJob.nodes("n1:n1:n2:n2")).containsExactly("n1", "n2");
        assertThat(LsfJob.nodes("16*n1:16*n2")).containsExactly("n1", "n2");
        assertThat(LsfJob.nodes("-")).isEmpty();
    }

    @Test
    void unknownJobIsAbsentAndSpoilsNothing() throws Exception {
        assertThat(PLAIN.parsePolled(Recording.of("lsf/some-unknown"))).containsOnlyKeys("120", "121");
        assertThat(PLAIN.parsePolled(Recording.of("lsf/unknown"))).isEmpty();
        assertThat(PLAIN.parsePolled(Recording.of("lsf/none"))).isEmpty();
    }

    @Test
    void silenceIsAFailure() {
        Answer hanging = new Answer(
                -1, "", "no end after 60 s: LSF daemon (LIM) not responding ... still trying", Fate.TIMED_OUT);

        assertThatThrownBy(() -> PLAIN.parsePolled(hanging)).hasMessageContaining("LIM) not responding");
        assertThatThrownBy(() -> PLAIN.parseFound(hanging)).isInstanceOf(ProviderException.class);
        assertThatThrownBy(() -> PLAIN.parsePolled(says(0, "", ""))).hasMessageContaining("said nothing");
        assertThatThrownBy(() -> PLAIN.parsePolled(says(255, "", "ls_load: LIM is down; try later\n")))
                .hasMessageContaining("LIM is down");
    }

    @Test
    void formattedListingTellsWhyAndHowLong() throws Exception {
        Map<String, BlockReport> reports = IBM.parsePolled(Recording.of("lsf/ibm"));

        assertThat(reports)
                .containsEntry("1", new BlockReport(BlockPhase.RUNNING, "", 5400, List.of("n1", "n2")))
                .containsEntry(
                        "2",
                        new BlockReport(
                                BlockPhase.QUEUED,
                                "Job requirements for reserving resource (mem) not satisfied: 2 hosts;"
                                        + " | New job is waiting",
                                -1))
                .containsEntry(
                        "7", new BlockReport(BlockPhase.RUNNING, "LSF says it is in state 'UNKWN'", 720, List.of("n3")))
                .containsEntry("8", new BlockReport(BlockPhase.FAILED, "exit code 3", 0, List.of("n1")));
        assertThat(reports.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, entry -> entry.getValue().phase())))
                .containsEntry("3", BlockPhase.ENDED)
                .containsEntry("4", BlockPhase.ENDED)
                .containsEntry("5", BlockPhase.ENDED)
                .containsEntry("6", BlockPhase.OUT_OF_MEMORY)
                .containsEntry("9", BlockPhase.NODE_FAILED)
                .containsEntry("10", BlockPhase.NODE_FAILED)
                .containsEntry("11", BlockPhase.SUSPENDED)
                .containsEntry("12", BlockPhase.ENDED)
                .hasSize(12);
    }

    @Test
    void whatLsfStoppedIsStuckAndWhatSomebodyStoppedIsNot() throws Exception {
        Map<String, BlockReport> reports = IBM.parsePolled(says(0, """
                1|PSUSP|-|-|-|t1|-|The pre-execution command failed too often
                2|PSUSP|-|-|-|t2|-|The job was suspended by the user while pending;
                3|PSUSP|-|-|-|t3|-|The job was suspended by LSF admin or root while pending;
                4|PSUSP|-|-|-|t4|-|-
                5|PEND|-|-|-|t5|-|New job is waiting
                """, ""));

        assertThat(reports.values()).extracting(IBM::isStuck).containsExactly(true, false, false, false, false);
    }

    // ---- look back

    @Test
    void longListingTellsTheEndThoughItIsWrapped() {
        assertThat(lookedBack("lsf/long-exit-3"))
                .isEqualTo(new BlockReport(BlockPhase.FAILED, "exit code 3", 0, List.of("vm")));
        assertThat(lookedBack("lsf/long-killed"))
                .isEqualTo(new BlockReport(BlockPhase.ENDED, "exit code 137", 0, List.of("vm")));
        assertThat(lookedBack("lsf/long-cancelled").message()).isEqualTo("exit code 130");
        assertThat(lookedBack("lsf/long-done").phase()).isEqualTo(BlockPhase.ENDED);
        assertThat(lookedBack("lsf/long-running"))
                .isEqualTo(new BlockReport(BlockPhase.RUNNING, "", -1, List.of("vm")));
        assertThat(lookedBack("lsf/long-pending").phase()).isEqualTo(BlockPhase.QUEUED);
    }

    @Test
    void historyTellsWhoEndedIt() {
        assertThat(lookedBack("lsf/history-exit-3"))
                .isEqualTo(new BlockReport(BlockPhase.FAILED, "exit code 3", 0, List.of("vm")));
        BlockReport cancelled = lookedBack("lsf/history-cancelled");
        assertThat(cancelled.phase()).isEqualTo(BlockPhase.ENDED);
        assertThat(cancelled.message())
                .isEqualTo("TERM_OWNER: Signal <KILL> requested by user or administrator <pbsuser>; (exit code 130)");
        assertThat(PLAIN.parseLookedBack(Recording.of("lsf/history-unknown"))).isEmpty();
    }

    @Test
    void bothLongListingsTogetherAreOneStory() {
        String both = Recording.of("lsf/long-cancelled").stdout()
                + Recording.of("lsf/history-cancelled").stdout()
                + Recording.of("lsf/long-running").stdout().replace("121", "122");

        assertThat(PLAIN.parseLookedBack(says(255, both, "Job <9> is not found\n")))
                .containsOnlyKeys("121", "122")
                .hasEntrySatisfying("121", report -> assertThat(report.phase()).isEqualTo(BlockPhase.ENDED));
    }

    @Test
    void jobThatRunsAgainIsNotOver() {
        String text = """

                Job <5>, Job Name <t>, User <ann>, Project <default>, Command <x>
                Sun Nov 22 15:43:33: Dispatched to 2 Hosts/Processors <n1> <n2>;
                Sun Nov 22 15:43:36: Exited; job will be requeued and rerun;
                Sun Nov 22 15:43:39: Dispatched to <n3>;
                """;

        String waiting = text.lines().limit(4).collect(Collectors.joining("\n"));

        assertThat(waiting).endsWith("rerun;");
        assertThat(PLAIN.parseLookedBack(says(0, waiting, ""))).isEmpty();
        assertThat(PLAIN.parseLookedBack(says(0, text, ""))).isEmpty();
    }

    // ---- submit

    @Test
    void submittedJobHasAnId() throws Exception {
        assertThat(PLAIN.parseSubmitted(Recording.of("lsf/submitted"))).isEqualTo("120");
        assertThat(PLAIN.parseSubmitted(Recording.of("lsf/submitted-to-queue"))).isEqualTo("121");
        assertThat(IBM.parseSubmitted(says(0, "Checking budget\nJob <7> is submitted to queue <q>.\n", "")))
                .isEqualTo("7");
    }

    @Test
    void refusalIsInTheWordsOfLsf() {
        for (String recording : List.of("lsf/no-queue", "lsf/too-many")) {
            Answer answer = Recording.of(recording);
            ProviderException refusal =
                    catchThrowableOfType(ProviderException.class, () -> PLAIN.parseSubmitted(answer));
            assertThat(refusal).hasMessageContaining(answer.words());
            assertThat(refusal.certain()).isTrue();
        }
        ProviderException hanging = catchThrowableOfType(
                ProviderException.class,
                () -> PLAIN.parseSubmitted(new Answer(-1, "", "still trying", Fate.TIMED_OUT)));
        assertThat(hanging.certain()).isFalse();
    }

    private String script(LsfProvider provider, BlockTerms terms, String... avoid) throws Exception {
        Call call = provider.submit(
                new BlockRequest(3, "tabcdefghijklmn", terms, List.of(avoid), directory, List.of("java", "Main")));
        return Files.readString(Path.of(call.argv().getLast()));
    }

    @Test
    void scriptAsksForSlotsOnEachNode() throws Exception {
        assertThat(script(PLAIN, PbsProviderTest.terms(2, 8, 4096, Optional.empty())))
                .startsWith("#!/bin/sh\n#BSUB -J tabcdefghijklmn\n#BSUB -o \"" + directory
                        + "/batch.out\"\n#BSUB -r\n#BSUB -n 16\n#BSUB -R \"span[ptile=8] rusage[mem=4096]\"\n"
                        + "#BSUB -W 90\n#BSUB -q workq\n#BSUB -P \"acct\"\n")
                .contains("exec sh '" + directory + "/block.sh' 'lsf' ");
        assertThat(script(IBM, PbsProviderTest.terms(1, 8, 4096, Optional.of(true)), "n7", "n8"))
                .contains(
                        "-R \"select[hname!='n7' && hname!='n8'] span[ptile=8] rusage[mem=4096MB]\"\n",
                        "#BSUB -x\n",
                        "block.sh' 'here' ");
    }

    @Test
    void nodesWithoutANumberOfCoresGiveOneSlotUnlessTheyAreOurs() throws Exception {
        assertThat(script(PLAIN, PbsProviderTest.terms(2, 0, 0, Optional.empty())))
                .contains("-n 2\n", "\"span[ptile=1]\"\n", " '2' '5400' '1' '0' '--' ")
                .doesNotContain("#BSUB -x");
        assertThat(script(PLAIN, PbsProviderTest.terms(2, 0, 0, Optional.of(true))))
                .contains("-n 2\n", "\"span[ptile=1]\"\n", "#BSUB -x\n", " '2' '5400' '0' '0' '--' ");
    }

    // ---- find and cancel

    @Test
    void jobsAreFoundByTheirNames() throws Exception {
        assertThat(PLAIN.parseFound(Recording.of("lsf/all"))).containsEntry("bigmem", "124");
        assertThat(PLAIN.parseFound(Recording.of("lsf/none"))).isEmpty();
        assertThat(IBM.parseFound(Recording.of("lsf/ibm")))
                .containsEntry("tok2", "2")
                .hasSize(12);
    }

    @Test
    void cancellingWhatIsOverOrUnknownIsNoError() throws Exception {
        PLAIN.checkCancelled(Recording.of("lsf/killed"));
        PLAIN.checkCancelled(Recording.of("lsf/kill-over"));
        PLAIN.checkCancelled(Recording.of("lsf/kill-some"));
        assertThatThrownBy(() -> PLAIN.checkCancelled(Recording.of("lsf/kill-anothers")))
                .hasMessageContaining("User permission denied");
    }
}
