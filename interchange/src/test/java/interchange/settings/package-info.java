@NullMarked
package interchange.settings;

import org.jspecify.annotations.NullMarked;
