@NullMarked
package interchange.submit;

import org.jspecify.annotations.NullMarked;
