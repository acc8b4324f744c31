/** Starts the daemon detached from everything, and makes the startup caches. Main thread. */
@NullMarked
package interchange.submit.launch;

import org.jspecify.annotations.NullMarked;
