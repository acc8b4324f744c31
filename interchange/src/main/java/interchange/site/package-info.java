/**
 * Sites: where jobs run, as their users describe them, validated. Immutable: any thread.
 */
@NullMarked
package interchange.site;

import org.jspecify.annotations.NullMarked;
