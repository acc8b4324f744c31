package interchange.site;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.settings.DaemonConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The manual's pages that are made from the code; -Dinterchange.writeManual=true writes them. */
class ManualTest {
    @Test
    void pageOfSitesIsWhatTheCodeSays() throws IOException {
        compare("sites.md", SiteManual.text());
    }

    @Test
    void pageOfTheDaemonsSettingsIsWhatTheCodeSays() throws IOException {
        compare("configuration.md", DaemonConfig.manual());
    }

    private static void compare(String name, String made) throws IOException {
        Path page = Path.of("..", "docs", name); // tests run in their module
        if (Boolean.getBoolean("interchange.writeManual")) {
            Files.writeString(page, made);
        }
        assertThat(page)
                .as(
                        "docs/%s; write it anew: mvn -pl interchange -am test -Dtest=ManualTest"
                                + " -Dsurefire.failIfNoSpecifiedTests=false -Dinterchange.writeManual=true",
                        name)
                .hasContent(made);
    }
}
