/**
 * How our three programs are started: which Java runtime, which jars, which options, which startup cache. Immutable;
 * any thread.
 */
@NullMarked
package interchange.launch;

import org.jspecify.annotations.NullMarked;
