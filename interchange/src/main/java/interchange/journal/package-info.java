/**
 * The durable state: one SQLite file, written by the conductor's thread alone, read by others over connections of their
 * own.
 */
@NullMarked
package interchange.journal;

import org.jspecify.annotations.NullMarked;
