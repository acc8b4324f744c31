package interchange.wire;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** MAJOR.MINOR.PATCH of a daemon, worker or client; decides who can talk to whom. */
public record Version(int major, int minor, int patch) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})(?:[-+].{0,64})?");

    /** Empty when the text is no version. A suffix, as in 0.1.0-SNAPSHOT, is ignored. */
    public static Optional<Version> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        return Optional.of(new Version(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Integer.parseInt(matcher.group(3))));
    }

    /** Whether the two work together: the same major version, and minor versions at most one apart. */
    public boolean compatible(Version other) {
        return major == other.major && Math.abs(minor - other.minor) <= 1;
    }

    /**
     * Why a peer can't be served; empty when it can.
     *
     * @param peer what it is, as in "worker" or "client"
     * @param text what it said its version is
     */
    public Optional<String> refusal(String peer, String text) {
        Optional<Version> version = parse(text);
        if (version.isPresent() && compatible(version.get())) {
            return Optional.empty();
        }
        String said = text.length() > 40 ? text.substring(0, 40) + "..." : text;
        return Optional.of("this " + peer + " has version '" + said + "', the daemon " + this
                + ": they work together only when at most one minor version apart. Install the same version on both"
                + " sides; a daemon is replaced by 'interchange stop --keep-blocks' and 'interchange start'");
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
