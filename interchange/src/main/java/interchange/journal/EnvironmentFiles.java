package interchange.journal;

/**
 * The environments of runs, in files of mode 0600 beside the journal, because they may hold credentials.
 *
 * <p>A run has one base (the environment of the submitting shell) and a few overlays (what the configuration adds for
 * some jobs); environment n of a run is the base with overlay n applied.
 */
public final class EnvironmentFiles {}
