/**
 * The client's end of a connection, shared by workers and the command line: the connection file, keys, and one encrypted
 * ZeroMQ socket. A link belongs to the thread that opened it.
 */
@NullMarked
package interchange.wire;

import org.jspecify.annotations.NullMarked;
