/**
 * Processes of this node: starting them with posix_spawn, reaping them, measuring them and ending whole trees of them.
 * Starting and signalling happen on the agent's loop, reaping and measuring on a thread each.
 */
@NullMarked
package interchange.worker.process;

import org.jspecify.annotations.NullMarked;
