package interchange.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import interchange.core.Site;
import interchange.settings.InvalidSettingsException;
import interchange.site.SiteConfig.EnforceMemory;
import interchange.site.SiteConfig.Oversize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteConfigTest {
    private static final NodeCapacity MACHINE = new NodeCapacity(8, 16_000);
    private static final Circumstances HERE = new Circumstances(MACHINE, "x86_64", "");

    private static SiteConfig parse(String json) throws Exception {
        Struct.Builder section = Struct.newBuilder();
        JsonFormat.parser().merge(json, section);
        return SiteConfig.parse("here", section.build(), MACHINE);
    }

    private static List<String> problems(String json) {
        InvalidSettingsException refusal = catchThrowableOfType(InvalidSettingsException.class, () -> parse(json));
        assertThat(refusal).as("a refusal of " + json).isNotNull();
        return refusal.problems();
    }

    @Test
    void defaultsAreTheDocumentedOnes() throws Exception {
        SiteConfig config = parse("{provider: local}");

        assertThat(config.toCore(3))
                .isEqualTo(new Site(
                        3,
                        "here",
                        "local",
                        1,
                        8,
                        16_000,
                        0,
                        Duration.ZERO,
                        0,
                        0,
                        1,
                        1.0,
                        Duration.ofSeconds(120),
                        Duration.ofMinutes(15),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(120),
                        Duration.ofMinutes(10),
                        5,
                        Duration.ofSeconds(2),
                        0,
                        0,
                        ""));
        assertThat(config.oversize()).isEqualTo(Oversize.ALONE);
        assertThat(config.submitCommandTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.retries()).isZero();
        assertThat(config.commandPrefix()).isEmpty();
        assertThat(config.environment()).isEmpty();
        assertThat(config.exportEnvironment()).isEqualTo(new ExportRule(true, List.of()));
        assertThat(config.addresses()).isEmpty();
    }

    @Test
    void workersOfALocalSiteShareTheMachine() throws Exception {
        SiteConfig config = parse("{provider: local, nodesPerBlock: 2, maxBlocks: 2}");

        assertThat(config.cores()).isEqualTo(2);
        assertThat(config.memoryMiB()).isEqualTo(4_000);
        assertThat(parse("{provider: local, nodesPerBlock: 100000, maxBlocks: 100000}")
                        .cores())
                .isEqualTo(1);
    }

    @Test
    void everyValueIsTakenOver() throws Exception {
        SiteConfig config = parse("""
                {name: here, provider: local, nodesPerBlock: 2, cores: "3", memory: 1000, walltime: "2-00:00", initBlocks: 1,
                 minBlocks: 1, maxBlocks: 4, parallelism: 0.5, idleTimeout: 5, disconnectGrace: "3 min", killGrace: "1 s",
                 drainBefore: 0, minRemaining: "1 min", maxBlockFailures: 2, pollInterval: "500 ms",
                 submitCommandTimeout: 10, oversize: fail, environment: {A: 1}, exportEnvironment: [HOME, PATH],
                 retries: 2, commandPrefix: "a\\nb", address: ib0, enforceMemory: on, memoryMargin: 25, pin: true}""");

        assertThat(config.toCore(1))
                .isEqualTo(new Site(
                        1,
                        "here",
                        "local",
                        2,
                        3,
                        1000,
                        0,
                        Duration.ofDays(2),
                        1,
                        1,
                        4,
                        0.5,
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(3),
                        Duration.ofSeconds(1),
                        Duration.ZERO,
                        Duration.ofMinutes(1),
                        2,
                        Duration.ofMillis(500),
                        0,
                        0,
                        ""));
        assertThat(config.oversize()).isEqualTo(Oversize.FAIL);
        assertThat(config.enforceMemory()).isEqualTo(EnforceMemory.ON);
        assertThat(config.memoryMargin()).isEqualTo(25);
        assertThat(config.pin()).isTrue();
        assertThat(config.environment()).isEqualTo(Map.of("A", "1"));
        assertThat(config.exportEnvironment()).isEqualTo(new ExportRule(false, List.of("HOME", "PATH")));
        assertThat(config.addresses()).containsExactly("ib0");
        assertThat(config.commandPrefix()).isEqualTo("a\nb");
    }

    @Test
    void whatPythonMakesOfOnAndOffIsUnderstood() throws Exception {
        assertThat(parse("{provider: local, enforceMemory: on}").enforceMemory())
                .isEqualTo(EnforceMemory.ON);
        assertThat(parse("{provider: local, enforceMemory: off}").enforceMemory())
                .isEqualTo(EnforceMemory.OFF);
        assertThat(parse("{provider: local, enforceMemory: false}").enforceMemory())
                .isEqualTo(EnforceMemory.OFF);
        assertThat(parse("{provider: local}").enforceMemory()).isEqualTo(EnforceMemory.OBSERVE);
        assertThat(problems("{provider: local, oversize: true, enforceMemory: 1}"))
                .containsExactlyInAnyOrder(
                        "site 'here': oversize is true; allowed: alone or fail",
                        "site 'here': enforceMemory is 1; allowed: observe or on or off");
    }

    @Test
    void everyProblemIsSaidAtOnce() {
        assertThat(problems("""
                {provider: local, core: 3, cores: many, memory: -1, walltime: soon, maxBlocks: 2, initBlocks: 3,
                 parallelism: 2, oversize: maybe, environment: true, exportEnvironment: 7, partition: rubin}"""))
                .containsExactlyInAnyOrder(
                        "site 'here': there is no key 'core'; did you mean 'cores'?",
                        "site 'here': cores is \"many\"; allowed: a whole number from 1 to 100000",
                        "site 'here': memory is -1; allowed: a whole number from 1 to 2147483647",
                        "site 'here': walltime is \"soon\"; allowed: minutes, or [D-]HH:MM[:SS], up to 400 days",
                        "site 'here': parallelism is 2; allowed: a number above 0, at most 1",
                        "site 'here': oversize is \"maybe\"; allowed: alone or fail",
                        "site 'here': environment is true; allowed: a section of variable names with text, such as"
                                + " {OMP_NUM_THREADS: \"1\"}",
                        "site 'here': exportEnvironment is 7; allowed: true, false, or a list of variable names",
                        "site 'here': partition means nothing to the provider 'local'; remove it",
                        "site 'here': initBlocks is 3; allowed: at most maxBlocks, which is 2");
    }

    @Test
    void providerMustBeOneThatIsKnown() {
        assertThat(problems("{}"))
                .containsExactly("site 'here': provider is missing; known providers: local, slurm, pbs, lsf, srun");
        assertThat(problems("{provider: Lokal}"))
                .containsExactly(
                        "site 'here': there is no provider 'Lokal'; known providers: local, slurm, pbs, lsf, srun; did you mean"
                                + " 'local'?");
        assertThat(problems("{provider: condor, partition: rubin}"))
                .containsExactly(
                        "site 'here': there is no provider 'condor'; known providers: local, slurm, pbs, lsf, srun");
    }

    @Test
    void blockMustLastLongerThanItsDrainAndBeNamedAlike() {
        assertThat(problems("{provider: local, walltime: 2, name: there}"))
                .containsExactly(
                        "site 'here': name is \"there\"; allowed: \"here\", or leave it out",
                        "site 'here': walltime is 00:02:00; allowed: more than drainBefore, which is 120 s");
    }

    @Test
    void storedTextBringsTheSameSiteBackOnAnyMachine() throws Exception {
        SiteConfig config = parse("""
                {provider: local, walltime: 90, environment: {A: x}, exportEnvironment: [HOME], parallelism: 0.25,
                 idleTimeout: 1.5, address: [a, b]}""");

        SiteConfig again = SiteConfig.fromJson(config.named("here~2").toJson(), new NodeCapacity(1, 1));

        assertThat(again.name()).isEqualTo("here~2");
        assertThat(again.content()).isEqualTo(config.content());
        assertThat(again.toCore(1)).isEqualTo(config.named("here~2").toCore(1));
        assertThat(again.named("here")).isEqualTo(config);
    }

    @Test
    void contentDoesNotDependOnOrderSpellingOrAGivenName() throws Exception {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("walltime", "01:30:00");
        section.put("provider", "local");
        section.put("name", "here");

        assertThat(SiteConfig.parse("here", section, MACHINE).content())
                .isEqualTo(parse("{provider: local, walltime: 90}").content());
        assertThat(parse("{provider: local, walltime: 91}").content())
                .isNotEqualTo(parse("{provider: local, walltime: 90}").content());
    }

    @Test
    void storedSiteIsNotJudgedByTheRulesOfToday() throws Exception {
        String name = "s".repeat(64) + ".p~2";
        SiteConfig stored = SiteConfig.fromJson(
                "{\"name\":\"" + name
                        + "\",\"provider\":\"local\",\"qos\":\"q\",\"minBlocks\":2,\"walltime\":\"00:01:00\"}",
                MACHINE);

        assertThat(stored.name()).isEqualTo(name);
        assertThat(stored.toCore(1).minBlocks()).isEqualTo(2);
    }

    @Test
    void damagedStoredTextIsSaidSo() {
        for (String text : List.of("", "[]", "{}", "{\"name\":\"x\"", "{\"name\":null}", "{\"name\":\"x\"}")) {
            assertThat(catchThrowableOfType(InvalidSettingsException.class, () -> SiteConfig.fromJson(text, MACHINE)))
                    .as(text)
                    .isNotNull();
        }
    }

    @Test
    void machineHasCoresAndMemory() {
        NodeCapacity machine = NodeCapacity.ofThisMachine();

        assertThat(machine.cores()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(machine.memoryMiB()).isBetween(64, 100_000_000);
    }

    @Test
    void sitesFileHoldsSitesByNameAndAllItsProblemsAreSaid(@TempDir Path home) throws Exception {
        assertThat(SitesFile.read(home, HERE)).isEmpty();

        Path file = home.resolve("sites.yaml");
        Files.writeString(file, "a: {provider: local, walltime: 01:30}\n7: {provider: local, cores: 3}\n");
        Map<String, SitePools> sites = SitesFile.read(home, HERE);
        assertThat(sites.keySet()).containsExactly("a", "7");
        assertThat(sites.values().iterator().next().smallestFirst().getFirst().walltime())
                .isEqualTo(Duration.ofMinutes(90));

        Files.writeString(file, "a: {provider: local, core: 3}\nb: local\n");
        assertThat(catchThrowableOfType(InvalidSettingsException.class, () -> SitesFile.read(home, HERE))
                        .problems())
                .containsExactly(
                        file + ": site 'a': there is no key 'core'; did you mean 'cores'?",
                        file + ": site 'b' must be a section of keys and values");
    }
}
