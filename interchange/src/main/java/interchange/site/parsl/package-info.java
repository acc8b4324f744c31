/**
 * Site classes of the Parsl plugin: what their keys and defaults ask of a batch system, said in native keys. Immutable and
 * pure: any thread.
 */
@NullMarked
package interchange.site.parsl;

import org.jspecify.annotations.NullMarked;
