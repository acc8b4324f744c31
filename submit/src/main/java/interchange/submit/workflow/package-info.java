/** Makes a submission: reads YAML as a stream, writes workflow files, gathers the environment. Main thread. */
@NullMarked
package interchange.submit.workflow;

import org.jspecify.annotations.NullMarked;
