@NullMarked
package interchange.submit.output;

import org.jspecify.annotations.NullMarked;
