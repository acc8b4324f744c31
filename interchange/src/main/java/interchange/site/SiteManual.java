package interchange.site;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The manual's page of sites: prose from a file, in which the table of keys comes from the code. */
final class SiteManual {
    private static final String PROSE = "sites.md";
    private static final String TABLE = "<!-- table of keys -->\n";

    private SiteManual() {}

    static String text() {
        try (InputStream prose = SiteManual.class.getResourceAsStream(PROSE)) {
            if (prose == null) {
                throw new IllegalStateException("the resource " + PROSE + " is missing");
            }
            String text = new String(prose.readAllBytes(), StandardCharsets.UTF_8);
            return text.replace(TABLE, SiteKeys.SECTION.markdown());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
