/**
 * The node agent: takes attempts from the daemon, packs them onto the node, and reports what became of them. One thread,
 * the agent's loop, owns the link and all state; the reaper only puts ends into its inbox.
 */
@NullMarked
package interchange.worker;

import org.jspecify.annotations.NullMarked;
