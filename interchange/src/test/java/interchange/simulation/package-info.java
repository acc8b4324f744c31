/**
 * A simulated world around the real scheduler and journal: virtual time, a seed, a network that loses and repeats,
 * workers that die and freeze, a batch system that lies, and a daemon that crashes between any two steps. One thread.
 */
@NullMarked
package interchange.simulation;

import org.jspecify.annotations.NullMarked;
