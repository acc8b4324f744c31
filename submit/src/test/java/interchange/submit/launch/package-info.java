@NullMarked
package interchange.submit.launch;

import org.jspecify.annotations.NullMarked;
