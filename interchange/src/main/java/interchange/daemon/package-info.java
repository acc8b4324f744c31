/**
 * The conductor and everything around it: effects, answers to clients, submissions, lifecycle, files and locks. The
 * conductor's thread owns the scheduler and the journal; each other class says which thread is its own.
 */
@NullMarked
package interchange.daemon;

import org.jspecify.annotations.NullMarked;
