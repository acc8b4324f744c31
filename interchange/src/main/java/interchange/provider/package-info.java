/**
 * Batch systems as text: calls out, answers in, and the one runner of their commands. The runner has a small pool of its
 * own, on which its callbacks come; the rest is pure.
 */
@NullMarked
package interchange.provider;

import org.jspecify.annotations.NullMarked;
