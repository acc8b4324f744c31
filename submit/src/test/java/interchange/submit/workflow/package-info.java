@NullMarked
package interchange.submit.workflow;

import org.jspecify.annotations.NullMarked;
