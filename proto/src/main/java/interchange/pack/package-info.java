/**
 * Packs: one file for each worker and run with what all its jobs printed, instead of two files for every job. Here is the
 * format, for who writes it and who reads it; docs/logs.md describes it. A writer or reader belongs to one thread.
 */
@NullMarked
package interchange.pack;

import org.jspecify.annotations.NullMarked;
