/**
 * Warm starts: templates, which are processes that have imported what a console script needs, and jobs that are forks of
 * them. The agent's loop owns all state. Whatever goes wrong here costs a cold start and never a job.
 */
@NullMarked
package interchange.worker.warm;

import org.jspecify.annotations.NullMarked;
