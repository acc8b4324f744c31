/** What users and scripts read: text, tables, JSON, errors. Main thread. */
@NullMarked
package interchange.submit.output;

import org.jspecify.annotations.NullMarked;
