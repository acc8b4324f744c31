/**
 * Files of jobs on the node: brings inputs into the directories of jobs and what jobs made back to the daemon, and keeps
 * inputs by content. The courier's thread owns all state; what takes a disk long has a thread of its own.
 */
@NullMarked
package interchange.worker.files;

import org.jspecify.annotations.NullMarked;
