/** Tests of the journal, and an in-memory model of it that they compare it with. Each test's own thread. */
@NullMarked
package interchange.journal;

import org.jspecify.annotations.NullMarked;
