/**
 * Typed settings: keys, what their values may be, every problem of a section at once, and the tables of the manual made
 * from the same keys; and the daemon's own, config.yaml. Immutable and pure, but for reading YAML files: any thread.
 */
@NullMarked
package interchange.settings;

import org.jspecify.annotations.NullMarked;
