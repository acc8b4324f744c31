package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import interchange.core.Site;
import interchange.provider.Provider;
import interchange.site.Circumstances;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.workflow.SiteResolver.RunSite;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sites of a submission, and what of them an earlier one has made already. */
class RunSitesTest {
    private static final Provider NOBODY = (Provider) Proxy.newProxyInstance(
            RunSitesTest.class.getClassLoader(), new Class<?>[] {Provider.class}, (proxy, method, arguments) -> {
                throw new UnsupportedOperationException("no blocks here");
            });

    @TempDir
    Path home;

    private final Sites sites = new Sites(config -> NOBODY);

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static Value number(double number) {
        return Value.newBuilder().setNumberValue(number).build();
    }

    private static Value section(Map<String, Value> fields) {
        return Value.newBuilder()
                .setStructValue(Struct.newBuilder().putAllFields(fields))
                .build();
    }

    private List<Site> tiger(int largeMiB) throws Exception {
        Struct tiger = Struct.newBuilder()
                .putFields("provider", text("slurm"))
                .putFields(
                        "pools",
                        section(Map.of(
                                "large", section(Map.of("memory", number(largeMiB))),
                                "small", section(Map.of("memory", number(4_000))),
                                "medium", section(Map.of("memory", number(8_000))))))
                .build();
        Circumstances here = new Circumstances(new NodeCapacity(2, 8_000), "x86_64", "");
        RunSites runSites = RunSites.read(sites, Map.of("tiger", tiger), new Home(home), here);
        List<RunSite> found = runSites.find("tiger");
        runSites.adopt();
        return found.stream().map(site -> site.config().toCore(site.index())).toList();
    }

    @Test
    void eachPoolKnowsTheNextLarger() throws Exception {
        assertThat(tiger(16_000)).extracting(Site::name).containsExactly("tiger.small", "tiger.medium", "tiger.large");
        assertThat(tiger(16_000)).extracting(Site::larger).containsExactly("tiger.medium", "tiger.large", "");
    }

    @Test
    void aLargerPoolThatHasChangedIsTheNextOfItsOwnRunsAlone() throws Exception {
        List<Site> before = tiger(16_000);
        List<Site> after = tiger(32_000);
        assertThat(after).extracting(Site::name).containsExactly("tiger.small~2", "tiger.medium~2", "tiger.large~2");
        assertThat(after).extracting(Site::larger).containsExactly("tiger.medium~2", "tiger.large~2", "");
        assertThat(tiger(16_000)).isEqualTo(before);
    }

    @Test
    void whatTheJournalKeepsOfAPoolSaysItToo() throws Exception {
        Site small = tiger(16_000).getFirst();
        String kept = sites.get(small.index()).config().toJson();
        assertThat(SiteConfig.fromJson(kept, new NodeCapacity(2, 8_000)).toCore(small.index()))
                .isEqualTo(small);
    }
}
