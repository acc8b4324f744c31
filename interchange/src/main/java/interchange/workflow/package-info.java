/**
 * Workflow files: read as streams, checked whole, and made into graphs and rows to be staged. On the loader's thread.
 */
@NullMarked
package interchange.workflow;

import org.jspecify.annotations.NullMarked;
