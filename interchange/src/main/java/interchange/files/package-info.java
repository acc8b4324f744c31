/**
 * Files of jobs on the daemon's side: serves the inputs that the journal lists, and puts outputs into the places that it
 * lists. The thread of the files' socket owns all state; hashing and placing have a thread each.
 */
@NullMarked
package interchange.files;

import org.jspecify.annotations.NullMarked;
