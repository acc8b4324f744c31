package interchange.site.parsl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import interchange.settings.InvalidSettingsException;
import interchange.site.Circumstances;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.site.SitePools;
import interchange.site.SiteReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That the requests are Parsl's own is compared with Parsl in test_parsl_sites.py. */
class ParslSitesTest {
    private static final String SLURM = "class: lsst.ctrl.bps.parsl.sites.Slurm, nodes: 2, walltime: '01:00:00'";
    private static final String CCIN2P3 = "class: lsst.ctrl.bps.parsl.sites.ccin2p3.Ccin2p3";
    private static final String SRUN = "class: lsst.ctrl.bps.parsl.sites.work_queue.LocalSrunWorkQueue";

    private String architecture = "x86_64";
    private String allocation = "";

    private SitePools read(String keys) throws Exception {
        Struct.Builder section = Struct.newBuilder();
        JsonFormat.parser().merge("{" + keys + "}", section);
        return SiteReader.read("far", section.build(), circumstances());
    }

    private Circumstances circumstances() {
        return new Circumstances(new NodeCapacity(8, 16_000), architecture, allocation);
    }

    private Map<String, Object> only(String keys) throws Exception {
        List<SiteConfig> sites = read(keys).smallestFirst();
        assertThat(sites).hasSize(1);
        return sites.getFirst().resolved();
    }

    private List<String> problems(String keys) {
        InvalidSettingsException refusal = catchThrowableOfType(InvalidSettingsException.class, () -> read(keys));
        assertThat(refusal).as("a refusal of " + keys).isNotNull();
        return refusal.problems();
    }

    @Test
    void everyKeyOfSlurmIsTakenOver() throws Exception {
        assertThat(only(SLURM + """
                , cores_per_node: 20, mem_per_node: 4, qos: q, constraint: c, singleton: true, exclusive: true, account: a,
                scheduler_options: "#SBATCH --x\\n#SBATCH --y", commandPrefix: setup, retries: 3"""))
                .containsEntry("provider", "slurm")
                .containsEntry("nodesPerBlock", 2)
                .containsEntry("walltime", "01:00:00")
                .containsEntry("cores", 20)
                .containsEntry("memory", 4096)
                .containsEntry("qos", "q")
                .containsEntry("constraint", "c")
                .containsEntry("singleton", true)
                .containsEntry("exclusive", true)
                .containsEntry("account", "a")
                .containsEntry("schedulerOptions", "#SBATCH --x\n#SBATCH --y")
                .containsEntry("commandPrefix", "setup")
                .containsEntry("retries", 3);
    }

    @Test
    void whatIsNotGivenIsAsParslHasIt() throws Exception {
        assertThat(only(SLURM))
                .containsEntry("exclusive", true)
                .containsEntry("initBlocks", 1)
                .containsEntry("minBlocks", 0)
                .containsEntry("maxBlocks", 1)
                .containsEntry("retries", 1)
                .doesNotContainKeys("cores", "memory", "singleton", "partition");
    }

    @Test
    void classesAreKnownByThePackageAndByTheirModules() throws Exception {
        assertThat(read("class: lsst.ctrl.bps.parsl.sites.slurm.Slurm, nodes: 2, walltime: '01:00:00'"))
                .isEqualTo(read(SLURM));
        assertThat(read("class: lsst.ctrl.bps.parsl.sites.princeton.Tiger").smallestFirst())
                .hasSize(1);
    }

    @Test
    void nativeKeysMayStandBesideAndWin() throws Exception {
        assertThat(only(SLURM + ", maxBlocks: 5, idleTimeout: 60, exportEnvironment: false"))
                .containsEntry("maxBlocks", 5)
                .containsEntry("idleTimeout", "60 s")
                .containsEntry("exportEnvironment", false);
        assertThat(only("class: lsst.ctrl.bps.parsl.sites.Torque, nodes: 1, walltime: '1:00:00', worker_init: first,"
                        + " commandPrefix: second"))
                .containsEntry("commandPrefix", "first\nsecond");
    }

    @Test
    void nativeKeysWinInEveryClassAndEachOfItsPools() throws Exception {
        allocation = "77";
        for (String section : List.of(
                SLURM,
                CCIN2P3,
                SRUN,
                "class: lsst.ctrl.bps.parsl.sites.Local, cores: 2",
                "class: lsst.ctrl.bps.parsl.sites.TripleSlurm, nodes: 1",
                "class: lsst.ctrl.bps.parsl.sites.Torque, nodes: 1, walltime: '1:00:00'",
                "class: lsst.ctrl.bps.parsl.sites.nersc.CoriKnl",
                "class: lsst.ctrl.bps.parsl.sites.princeton.Tiger",
                "class: lsst.ctrl.bps.parsl.sites.slac.Sdf")) {
            assertThat(read(section + """
                    , initBlocks: 3, minBlocks: 4, maxBlocks: 5, parallelism: 0.25, idleTimeout: 61, oversize: alone, retries: 7,
                    environment: {A: b}, exportEnvironment: false, address: [a], disconnectGrace: 62, killGrace: 63,
                    drainBefore: 64, enforceMemory: on, memoryMargin: 68, pin: true, minRemaining: 65, maxBlockFailures: 9, pollInterval: 66,
                    submitCommandTimeout: 67, scratch: '/local', fileCache: 69, warm: [tool], logs: pack"""
                                    + (section.contains("Sdf") || section.contains("Tiger")
                                            ? ", singleton: false"
                                            : ""))
                            .smallestFirst())
                    .as(section)
                    .allSatisfy(site -> assertThat(site.resolved())
                            .containsEntry("initBlocks", 3)
                            .containsEntry("minBlocks", 4)
                            .containsEntry("maxBlocks", 5)
                            .containsEntry("parallelism", 0.25)
                            .containsEntry("idleTimeout", "61 s")
                            .containsEntry("oversize", "alone")
                            .containsEntry("retries", 7)
                            .containsEntry("environment", Map.of("A", "b"))
                            .containsEntry("exportEnvironment", false)
                            .containsEntry("address", List.of("a"))
                            .containsEntry("disconnectGrace", "62 s")
                            .containsEntry("killGrace", "63 s")
                            .containsEntry("drainBefore", "64 s")
                            .containsEntry("enforceMemory", "on")
                            .containsEntry("memoryMargin", 68)
                            .containsEntry("pin", true)
                            .containsEntry("minRemaining", "65 s")
                            .containsEntry("maxBlockFailures", 9)
                            .containsEntry("pollInterval", "66 s")
                            .containsEntry("submitCommandTimeout", "67 s")
                            .containsEntry("scratch", "/local")
                            .containsEntry("fileCache", 69)
                            .containsEntry("warm", List.of("tool"))
                            .containsEntry("logs", "pack"));
        }
        assertThat(read(CCIN2P3 + ", maxBlocks: 50, small: {max_blocks: 7}").smallestFirst())
                .as("what is said of a slot is nearer")
                .extracting(site -> site.resolved().get("maxBlocks"))
                .containsExactly(7, 50, 50, 50);
    }

    @Test
    void keyOfAClassWithoutAValueIsAsIfLeftOut() throws Exception {
        Map<String, Object> section = new HashMap<>(Map.of("class", "lsst.ctrl.bps.parsl.sites.Slurm", "nodes", 3));
        section.put("walltime", null); // as in a YAML file; a message has none

        assertThat(catchThrowableOfType(
                                InvalidSettingsException.class, () -> SiteReader.read("far", section, circumstances()))
                        .problems())
                .containsExactly(
                        "site 'far': walltime is missing, which the class lsst.ctrl.bps.parsl.sites.Slurm needs");
    }

    @Test
    void problemsAreToldInTheWordsOfTheClass() {
        assertThat(problems(SLURM + ", scheduler_options: '--qos=x'"))
                .containsExactly(
                        "site 'far': scheduler_options is \"--qos=x\"; allowed: lines that begin with #, such as"
                                + " \"#SBATCH --licenses=sps\"");
        assertThat(problems("class: lsst.ctrl.bps.parsl.sites.princeton.Tiger, max_blocks: 1, minBlocks: 2"))
                .containsExactly("site 'far': minBlocks is 2; allowed: at most maxBlocks, which is 1 (in native keys,"
                        + " which the class lsst.ctrl.bps.parsl.sites.princeton.Tiger stands for)");
    }

    @Test
    void everyProblemOfASectionIsSaidAtOnce() {
        assertThat(
                        problems(
                                "class: lsst.ctrl.bps.parsl.sites.Slurm, node: 2, walltime: 36000, mem_per_node: 1.5, cores: 3"))
                .containsExactlyInAnyOrder(
                        "site 'far': there is no key 'node'; did you mean 'nodes'?",
                        "site 'far': walltime is 36000; allowed: \"HH:MM:SS\" in quotes (YAML makes a number of it without"
                                + " them)",
                        "site 'far': mem_per_node is 1.5; allowed: a whole number above 0",
                        "site 'far': there is no key 'cores'",
                        "site 'far': nodes is missing, which the class lsst.ctrl.bps.parsl.sites.Slurm needs");
    }

    @Test
    void keysOfParslsOwnMachineryAreTakenWithAWarning() throws Exception {
        SitePools site = read(SLURM + ", monitorEnable: true, run_dir: here, strategy: simple");

        assertThat(site.warnings())
                .containsExactlyInAnyOrder(
                        "site 'far': monitorEnable has no effect here: it belongs to Parsl's own machinery",
                        "site 'far': run_dir has no effect here: it belongs to Parsl's own machinery",
                        "site 'far': strategy has no effect here: it belongs to Parsl's own machinery");
        assertThat(site.smallestFirst()).isEqualTo(read(SLURM).smallestFirst());
    }

    @Test
    void sharingThatParslIgnoresIsFollowedWithAWarning() throws Exception {
        assertThat(only(SLURM + ", exclusive: false")).containsEntry("exclusive", false);
        assertThat(read(SLURM + ", exclusive: false").warnings())
                .singleElement()
                .asString()
                .contains("asks for whole nodes all the same");
    }

    @Test
    void classOfTheUsersOwnIsRefusedWithTheKeysToWriteInstead() {
        assertThat(problems("class: my.sites.Cluster, nodes: 3"))
                .singleElement()
                .asString()
                .startsWith("site 'far': the class my.sites.Cluster can't be run here")
                .contains("provider, nodesPerBlock, cores, memory, walltime, queue", "commandPrefix");
        assertThat(problems("class: lsst.ctrl.bps.parsl.sites.Slrum, nodes: 3"))
                .containsExactly("site 'far': there is no class lsst.ctrl.bps.parsl.sites.Slrum; did you mean"
                        + " 'lsst.ctrl.bps.parsl.sites.Slurm'?");
        assertThat(problems("class: lsst.ctrl.bps.parsl.sites.WorkQueue"))
                .singleElement()
                .asString()
                .contains("can't be run here");
    }

    @Test
    void poolsOfTripleSlurmDifferInWalltimesAndInTheJobsThatTheyTake() throws Exception {
        String section = "class: lsst.ctrl.bps.parsl.sites.TripleSlurm, nodes: 1, mem_per_node: 64";
        assertThat(read(section).smallestFirst())
                .extracting(
                        SiteConfig::name,
                        SiteConfig::maxJobMemoryMiB,
                        SiteConfig::memoryMiB,
                        site -> site.walltime().toHours())
                .containsExactly(
                        tuple("far.small", 2048, 65_536, 10L),
                        tuple("far.medium", 4096, 65_536, 10L),
                        tuple("far.large", 8192, 65_536, 40L));
        assertThat(read(section + ", small_memory: 2.5, large_walltime: '50:00:00'")
                        .smallestFirst())
                .extracting(SiteConfig::maxJobMemoryMiB, site -> site.walltime().toHours())
                .containsExactly(tuple(2560, 10L), tuple(4096, 10L), tuple(8192, 50L));
        assertThat(read(section + ", walltime: '03:00:00', large_walltime: '50:00:00'")
                        .smallestFirst())
                .extracting(site -> site.walltime().toHours())
                .containsOnly(3L);
    }

    @Test
    void partitionsOfCcin2p3AreThoseOfTheSubmittersArchitecture() throws Exception {
        assertThat(read(CCIN2P3).smallestFirst())
                .extracting(site -> site.resolved().get("partition"))
                .containsExactly("lsst,htc", "lsst", "lsst", "lsst");
        architecture = "aarch64";
        assertThat(read(CCIN2P3).smallestFirst())
                .extracting(site -> site.resolved().get("partition"))
                .containsOnly("htc_arm");
        assertThat(read(CCIN2P3 + ", partition: flash").smallestFirst())
                .extracting(site -> site.resolved().get("partition"))
                .containsOnly("flash");
        architecture = "riscv64";
        assertThat(problems(CCIN2P3)).singleElement().asString().contains("riscv64");
    }

    @Test
    void slotsOfCcin2p3OverrideTheSite() throws Exception {
        List<SiteConfig> sites = read(CCIN2P3 + """
                , walltime: '10:00:00', scheduler_options: ['--licenses=x', '--qos=normal'], small: {memory: 6, max_blocks: 7},
                xlarge: {partition: p, walltime: '20:00:00', scheduler_options: ['--constraint=el7']}""").smallestFirst();

        assertThat(sites.getFirst().resolved())
                .containsEntry("memory", 6144)
                .containsEntry("maxJobMemory", 6144)
                .containsEntry("maxBlocks", 7)
                .containsEntry("walltime", "10:00:00")
                .containsEntry("schedulerOptions", "#SBATCH --licenses=x --qos=normal");
        assertThat(sites.getLast().resolved())
                .containsEntry("partition", "p")
                .containsEntry("walltime", "20:00:00")
                .containsEntry("schedulerOptions", "#SBATCH --constraint=el7");
        assertThat(problems(CCIN2P3 + ", small: {memroy: 6, memory: -1}, large: 3"))
                .containsExactlyInAnyOrder(
                        "site 'far': large is 3; allowed: a section of keys, such as {memory: 6}",
                        "site 'far', small: there is no key 'memroy'; did you mean 'memory'?",
                        "site 'far', small: memory is -1; allowed: a whole number above 0");
        assertThat(problems(CCIN2P3 + ", small: {memroy: 6, walltime: 7}"))
                .containsExactlyInAnyOrder(
                        "site 'far', small: there is no key 'memroy'; did you mean 'memory'?",
                        "site 'far', small: walltime is 7; allowed: \"HH:MM:SS\" in quotes (YAML makes a number of it"
                                + " without them)");
    }

    @Test
    void workQueueIsAnAllocationHeldAlreadyOrThisMachine() throws Exception {
        assertThat(only(SRUN)).containsEntry("provider", "local");
        allocation = "77";
        assertThat(only(SRUN)).containsEntry("provider", "srun").containsEntry("allocation", "77");
        assertThat(only(SRUN + ", nodes_per_block: 4"))
                .containsEntry("nodesPerBlock", 4)
                .containsEntry("maxBlocks", 1)
                .containsEntry("initBlocks", 0);
        allocation = "";
        assertThat(only(SRUN + ", allocation: 4711"))
                .containsEntry("provider", "srun")
                .containsEntry("allocation", "4711");
    }

    @Test
    void resourcesAmongWorkQueuesOptionsAreFollowed() throws Exception {
        String options =
                SRUN + ", worker_options: '--memory=90000 --cores 8 --disk=5000 --idle-timeout=60 -d all', port: 9000";
        assertThat(only(options))
                .containsEntry("memory", 90_000)
                .containsEntry("cores", 8)
                .containsEntry("disk", 5_000);
        assertThat(read(options).warnings())
                .contains("site 'far': port has no effect here: it belongs to Parsl's own machinery")
                .anyMatch(warning -> warning.contains("--idle-timeout=60 -d all"));
    }

    @Test
    void tigerIsReachedByInfiniBand() throws Exception {
        assertThat(only("class: lsst.ctrl.bps.parsl.sites.princeton.Tiger, cmd_timeout: 100, max_blocks: 3"))
                .containsEntry("address", List.of("ib*", "op*"))
                .containsEntry("submitCommandTimeout", "100 s")
                .containsEntry("maxBlocks", 3);
    }

    @Test
    void walltimesAreReadAsTheBatchSystemReadsThem() throws Exception {
        String torque = "class: lsst.ctrl.bps.parsl.sites.Torque, nodes: 1, walltime: ";
        assertThat(only(torque + "'30:00'")).containsEntry("walltime", "00:30:00");
        assertThat(only(torque + "'3600'")).containsEntry("walltime", "01:00:00");
        assertThat(only(torque + "'100:00:01'")).containsEntry("walltime", "4-04:00:01");
        assertThat(problems(torque + "3600")).hasSize(1);
        assertThat(problems("class: lsst.ctrl.bps.parsl.sites.Slurm, nodes: 1, walltime: '30:00'"))
                .containsExactly(
                        "site 'far': walltime is \"30:00\"; allowed: \"HH:MM:SS\" in quotes (YAML makes a number of it"
                                + " without them)");
    }

    @Test
    void retriesBesideAClassAreWarnedOf() throws Exception {
        assertThat(read(SLURM + ", retries: 3").warnings())
                .containsExactly(
                        "site 'far': retries has no effect on jobs that say it themselves, which those of BPS all do:"
                                + " numberOfRetries and retryUnlessExit decide");
        assertThat(read(SLURM).warnings()).isEmpty();
    }
}
