/**
 * The scheduler: runs, jobs, workers and blocks; events in, decisions out. Pure: no I/O, clock, thread or logger; owned
 * by the conductor's thread.
 */
@NullMarked
package interchange.core;

import org.jspecify.annotations.NullMarked;
