package interchange.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import interchange.settings.InvalidSettingsException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SiteReaderTest {
    private static final NodeCapacity MACHINE = new NodeCapacity(8, 16_000);
    private static final Circumstances HERE = new Circumstances(MACHINE, "x86_64", "");

    private static SitePools read(String json, String allocation) throws Exception {
        Struct.Builder section = Struct.newBuilder();
        JsonFormat.parser().merge(json, section);
        return SiteReader.read("far", section.build(), new Circumstances(MACHINE, "x86_64", allocation));
    }

    private static SitePools read(String json) throws Exception {
        return read(json, "");
    }

    private static List<String> problems(String json) {
        InvalidSettingsException refusal = catchThrowableOfType(InvalidSettingsException.class, () -> read(json));
        assertThat(refusal).as("a refusal of " + json).isNotNull();
        return refusal.problems();
    }

    @Test
    void sectionWithoutPoolsIsOneSite() throws Exception {
        SitePools site = read("{provider: slurm, name: far, nodesPerBlock: 3}");

        assertThat(site.smallestFirst()).extracting(SiteConfig::name).containsExactly("far");
        SiteConfig only = site.smallestFirst().getFirst();
        assertThat(only.cores()).as("what the node has").isZero();
        assertThat(only.memoryMiB()).isZero();
        assertThat(only.terms().wholeNodes()).isTrue();
        assertThat(only.walltime()).as("that of the partition").isZero();
        assertThat(only.disconnectGrace()).isEqualTo(Duration.ofMinutes(60));
    }

    @Test
    void everyPoolIsASiteWithTheSectionsKeysAndItsOwn() throws Exception {
        SitePools site = read("""
                {provider: slurm, partition: main, cores: 16, memory: 64000, walltime: 60, maxBlocks: 7, pools: {
                   tall: {maxBlocks: 2, queue: big, memory: 256000, maxJobMemory: 100000}, flat: {}}}""");

        assertThat(site.name()).isEqualTo("far");
        assertThat(site.smallestFirst()).extracting(SiteConfig::name).containsExactly("far.flat", "far.tall");
        SiteConfig flat = site.smallestFirst().getFirst();
        SiteConfig tall = site.smallestFirst().getLast();
        assertThat(flat.terms().queue()).isEqualTo("main");
        assertThat(flat.toCore(1).maxBlocks()).isEqualTo(7);
        assertThat(flat.maxJobMemoryMiB()).isZero();
        assertThat(tall.terms().queue()).as("instead of the partition").isEqualTo("big");
        assertThat(tall.toCore(1).maxBlocks()).isEqualTo(2);
        assertThat(tall.cores()).isEqualTo(16);
        assertThat(tall.memoryMiB()).isEqualTo(256_000);
        assertThat(tall.maxJobMemoryMiB()).isEqualTo(100_000);
    }

    @Test
    void poolsAreInOrderOfSizeWhateverTheirOrderWas() throws Exception {
        assertThat(read("""
                {provider: slurm, pools: {unknown: {}, b: {maxJobMemory: 4000}, d: {memory: 8000, cores: 2}, a: {maxJobMemory: 2000},
                   e: {memory: 8000}, c: {memory: 8000, cores: 1}}}""").smallestFirst())
                .extracting(SiteConfig::name)
                .containsExactly("far.a", "far.b", "far.c", "far.d", "far.e", "far.unknown");
    }

    @Test
    void storedPoolComesBackAsItWas() throws Exception {
        for (SiteConfig pool : read("{provider: slurm, pools: {a: {maxJobMemory: 2000}, b: {cores: 3}}}")
                .smallestFirst()) {
            assertThat(SiteConfig.fromJson(pool.toJson(), new NodeCapacity(1, 1)))
                    .isEqualTo(pool);
        }
    }

    @Test
    void everyProblemOfEveryPoolIsSaidAtOnce() {
        assertThat(problems("""
                {provider: slurm, corse: 3, maxBlocks: 2, pools: {a: {initBlocks: 3}, b: {provider: lsf, maxJobMemori: 1},
                   c: {partition: x, queue: y}}}"""))
                .containsExactlyInAnyOrder(
                        "site 'far': there is no key 'corse'; did you mean 'cores'?",
                        "site 'far', pool 'a': initBlocks is 3; allowed: at most maxBlocks, which is 2",
                        "site 'far', pool 'b': there is no key 'provider'",
                        "site 'far', pool 'b': there is no key 'maxJobMemori'; did you mean 'maxJobMemory'?",
                        "site 'far', pool 'c': queue is \"y\" and partition is \"x\", but they mean the same; remove one of"
                                + " them");
        assertThat(problems("{provider: slurm, pools: [a, b]}"))
                .containsExactly(
                        "site 'far': pools is a list [a, b]; allowed: sections by name (letters, digits, _ and -),"
                                + " such as {small: {memory: 4096}, large: {memory: 65536}}");
        assertThat(problems("{provider: slurm, pools: {'a.b': {}}}")).hasSize(1);
        assertThat(problems("{provider: slurm, maxJobMemory: 1}"))
                .containsExactly("site 'far': maxJobMemory means something in a pool only; remove it");
    }

    @Test
    void keysMustMeanSomethingToTheProvider() throws Exception {
        assertThat(problems("{provider: pbs, qos: high, singleton: true, allocation: 7, account: a}"))
                .containsExactlyInAnyOrder(
                        "site 'far': qos means nothing to the provider 'pbs'; remove it",
                        "site 'far': singleton means nothing to the provider 'pbs'; remove it",
                        "site 'far': allocation means nothing to the provider 'pbs'; remove it");
        assertThat(problems("{provider: srun, partition: x}"))
                .containsExactly("site 'far': partition means nothing to the provider 'srun'; remove it");
        assertThat(read("{provider: lsf, qos: ''}").smallestFirst())
                .as("empty is as if left out")
                .hasSize(1);
        assertThat(read("{provider: slurm, queue: a, partition: a}").smallestFirst())
                .hasSize(1);
    }

    @Test
    void valuesThatWouldBreakTheScriptAreRefused() {
        assertThat(problems("{provider: slurm, partition: 'a b', schedulerOptions: '--licenses=sps'}"))
                .containsExactlyInAnyOrder(
                        "site 'far': partition is \"a b\"; allowed: a word",
                        "site 'far': schedulerOptions is \"--licenses=sps\"; allowed: lines that begin with #, such as"
                                + " \"#SBATCH --licenses=sps\"");
    }

    @Test
    void whatCannotBeKnownToFitCannotBeRefused() throws Exception {
        assertThat(problems("{provider: slurm, oversize: fail, cores: 3}"))
                .containsExactly("site 'far': oversize: fail needs cores and memory, to know what fits");
        assertThat(read("{provider: slurm, oversize: fail, cores: 3, memory: 10}")
                        .smallestFirst())
                .hasSize(1);
        assertThat(read("{provider: local, oversize: fail}").smallestFirst()).hasSize(1);
    }

    @Test
    void jobsWithoutAWalltimeStartInShortBlocksToo() throws Exception {
        assertThat(read("{provider: slurm, walltime: 10}")
                        .smallestFirst()
                        .getFirst()
                        .toCore(1)
                        .minRemaining())
                .isEqualTo(Duration.ofMinutes(5));
        assertThat(read("{provider: slurm, walltime: 60}")
                        .smallestFirst()
                        .getFirst()
                        .toCore(1)
                        .minRemaining())
                .isEqualTo(Duration.ofMinutes(10));
        assertThat(problems("{provider: slurm, walltime: 10, minRemaining: '15 min'}"))
                .containsExactly("site 'far': walltime is 00:10:00; allowed: more than minRemaining, which is 15 min");
    }

    @Test
    void allocationIsThatOfTheSubmittingShellUnlessOneIsGiven() throws Exception {
        assertThat(read("{provider: srun}", "77").smallestFirst().getFirst().allocation())
                .isEqualTo("77");
        assertThat(read("{provider: srun, allocation: 5}", "77")
                        .smallestFirst()
                        .getFirst()
                        .allocation())
                .isEqualTo("5");
        assertThat(read("{provider: srun}").smallestFirst().getFirst().allocation())
                .isEmpty();
        assertThat(read("{provider: slurm}", "77").smallestFirst().getFirst().allocation())
                .isEmpty();
    }

    @Test
    void environmentOfTheParslPluginIsExplained() throws Exception {
        for (String provider :
                List.of("provider: slurm", "class: lsst.ctrl.bps.parsl.sites.Slurm, nodes: 1, walltime: '1:00:00'")) {
            assertThat(problems("{environment: true, " + provider + "}"))
                    .singleElement()
                    .asString()
                    .startsWith("site 'far': environment is true; ")
                    .contains("exportEnvironment");
        }
        assertThat(read("{provider: slurm, environment: false}").warnings()).hasSize(1);
    }

    @Test
    void resolvedKeysAreAllThatHold() throws Exception {
        Map<String, Object> keys =
                read("{provider: slurm, cores: 3}").smallestFirst().getFirst().resolved();

        assertThat(keys)
                .containsEntry("provider", "slurm")
                .containsEntry("cores", 3)
                .containsEntry("maxBlocks", 1)
                .containsEntry("parallelism", 1.0)
                .containsEntry("idleTimeout", "120 s")
                .containsEntry("minRemaining", "10 min")
                .doesNotContainKeys("memory", "walltime", "pools", "class", "maxJobMemory");
    }

    @Test
    void blocksOfAllPoolsAndContentsOfASectionShareItsName() throws Exception {
        SitePools pools = read("{provider: slurm, singleton: true, pools: {a: {maxJobMemory: 2000}, b: {cores: 3}}}");

        assertThat(pools.smallestFirst()).extracting(SiteConfig::name).containsExactly("far.a", "far.b");
        assertThat(pools.smallestFirst())
                .extracting(
                        site -> site.terms().site(),
                        site -> site.named(site.name() + "~2").terms().site())
                .containsOnly(tuple("far", "far"));
    }

    @Test
    void blockThatIsKeptWouldStarveTheOtherPoolsOfASingleton() throws Exception {
        assertThat(problems("{provider: slurm, singleton: true, pools: {a: {minBlocks: 1}, b: {}}}"))
                .containsExactly(
                        "site 'far': singleton lets one block of all pools run at a time, which minBlocks would keep"
                                + " for ever; remove one of them");
        assertThat(read("{provider: slurm, pools: {a: {minBlocks: 1, singleton: true}, b: {}}}")
                        .smallestFirst())
                .hasSize(2);
        assertThat(read("{provider: slurm, singleton: true, minBlocks: 1}").smallestFirst())
                .hasSize(1);
    }

    @Test
    void namesLeaveRoomForWhatIsAddedToThem() throws Exception {
        String pool = "p".repeat(44);

        assertThat(read("{provider: slurm, pools: {" + pool.substring(16) + ": {}}}")
                        .smallestFirst())
                .hasSize(1);
        assertThat(catchThrowableOfType(
                                InvalidSettingsException.class,
                                () -> SiteReader.read("s".repeat(49), Map.of("provider", "slurm"), HERE))
                        .problems())
                .singleElement()
                .asString()
                .contains("up to 48 of them");
        assertThat(catchThrowableOfType(
                                InvalidSettingsException.class,
                                () -> SiteReader.read(
                                        "s".repeat(30),
                                        Map.of("provider", "slurm", "pools", Map.of("p".repeat(30), Map.of())),
                                        HERE))
                        .problems())
                .hasSize(1);
        for (String name : List.of("a.b", "a~2", "-a", "")) {
            assertThat(catchThrowableOfType(
                            InvalidSettingsException.class,
                            () -> SiteReader.read(name, Map.of("provider", "slurm"), HERE)))
                    .as(name)
                    .isNotNull();
        }
    }

    @Test
    void numberThatYamlMadeOfAClockTimeIsRefusedAlsoInAPool() {
        String words =
                ": walltime is the number 144000, which YAML makes of 40:00:00 without quotes; write it in quotes, and"
                        + " so many minutes as \"2400:00:00\"";
        assertThat(problems("{provider: slurm, walltime: 144000}")).containsExactly("site 'far'" + words);
        assertThat(problems("{provider: slurm, pools: {a: {walltime: 144000}}}"))
                .containsExactly("site 'far', pool 'a'" + words);
        assertThat(problems("{provider: local, walltime: 3600}")).hasSize(1);
    }

    @Test
    void walltimeOfTwoPartsIsWarnedOfWhereTheBatchSystemMeansMinutesByIt() throws Exception {
        assertThat(read("{provider: slurm, walltime: '30:00', pools: {a: {walltime: '0:45'}}}")
                        .warnings())
                .containsExactly(
                        "site 'far': walltime \"30:00\" is read as 30 h 0 min, while Slurm and PBS mean minutes and seconds by"
                                + " it; write all three parts",
                        "site 'far', pool 'a': walltime \"0:45\" is read as 0 h 45 min, while Slurm and PBS mean minutes and"
                                + " seconds by it; write all three parts");
        assertThat(read("{provider: lsf, walltime: '30:00'}").warnings()).isEmpty();
        assertThat(read("{provider: slurm, walltime: '1-12:00'}").warnings()).isEmpty();
    }

    @Test
    void workersOfAllPoolsOfALocalSiteShareTheMachine() throws Exception {
        List<SiteConfig> pools = read("{provider: local, pools: {a: {maxJobMemory: 4000}, b: {maxBlocks: 3}}}")
                .smallestFirst();

        assertThat(pools).extracting(SiteConfig::cores).containsOnly(2);
        assertThat(pools).extracting(SiteConfig::memoryMiB).containsOnly(4_000);
    }

    @Test
    void anotherAllocationIsNoOtherSite() throws Exception {
        String section = "{provider: srun, nodesPerBlock: 2}";
        SiteConfig first = read(section, "77").smallestFirst().getFirst();

        assertThat(first.content())
                .isEqualTo(read(section, "78").smallestFirst().getFirst().content());
        assertThat(SiteConfig.fromJson(first.toJson(), MACHINE).allocation()).isEqualTo("77");
        assertThat(first.inAllocation("78").terms().allocation()).isEqualTo("78");
    }
}
