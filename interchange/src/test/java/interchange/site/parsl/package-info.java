@NullMarked
package interchange.site.parsl;

import org.jspecify.annotations.NullMarked;
