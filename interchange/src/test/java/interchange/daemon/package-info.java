/** Tests of the daemon, with fakes in memory where no process is needed. Each test owns its threads. */
@NullMarked
package interchange.daemon;

import org.jspecify.annotations.NullMarked;
