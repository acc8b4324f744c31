package interchange.core;

/** How the daemon is to stop. */
public enum StopMode {
    /** Start nothing new, wait for what runs, then as NOW. */
    DRAIN,
    /** Kill what runs (lost, no retry spent), end the blocks. */
    NOW,
    /** Leave workers and their jobs alone: another daemon takes over. */
    KEEP_BLOCKS
}
