/**
 * The daemon's ZeroMQ sockets, keys and codecs. One thread of its own moves messages; it decides nothing.
 */
@NullMarked
package interchange.broker;

import org.jspecify.annotations.NullMarked;
