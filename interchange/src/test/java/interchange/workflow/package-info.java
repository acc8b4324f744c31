@NullMarked
package interchange.workflow;

import org.jspecify.annotations.NullMarked;
