/** The commands, one class each: what they ask of the daemon and how they show the answer. Main thread. */
@NullMarked
package interchange.submit.command;

import org.jspecify.annotations.NullMarked;
