@NullMarked
package interchange.site;

import org.jspecify.annotations.NullMarked;
