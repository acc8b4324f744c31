/** Talks to the daemon: one request, its answers, and a daemon that is away meanwhile. Main thread. */
@NullMarked
package interchange.submit.control;

import org.jspecify.annotations.NullMarked;
