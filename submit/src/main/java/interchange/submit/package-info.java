/** The command line: reads arguments, runs one command, ends with an exit code. Everything is on the main thread. */
@NullMarked
package interchange.submit;

import org.jspecify.annotations.NullMarked;
