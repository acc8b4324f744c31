/**
 * What our programs read, say and leave out alike: environments, walltimes, and what went wrong, in words. Stateless; any
 * thread.
 */
@NullMarked
package interchange.shared;

import org.jspecify.annotations.NullMarked;
