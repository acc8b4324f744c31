package interchange.daemon;

import interchange.wire.Version;
import java.util.Objects;

/** The version of this daemon. */
final class OwnVersion {
    /** Where there is no jar, as in tests. */
    private static final String WITHOUT_JAR = "0.1.0";

    private OwnVersion() {}

    static Version get() {
        String text = Objects.requireNonNullElse(OwnVersion.class.getPackage().getImplementationVersion(), WITHOUT_JAR);
        return Version.parse(text).orElseThrow(() -> new IllegalStateException("our version is '" + text + "'"));
    }
}
