@NullMarked
package interchange.provider;

import org.jspecify.annotations.NullMarked;
