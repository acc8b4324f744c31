package interchange.core;

/**
 * Where exactly one worker may live at a time.
 *
 * @param block the block's id
 * @param restarts how often the batch system has started the block again, from 0
 * @param rank the node of the block, from 0
 */
public record Place(int block, int restarts, int rank) {}
