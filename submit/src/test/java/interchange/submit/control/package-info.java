@NullMarked
package interchange.submit.control;

import org.jspecify.annotations.NullMarked;
