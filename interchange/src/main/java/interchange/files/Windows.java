package interchange.files;

import com.google.protobuf.ByteString;
import interchange.proto.files.Piece;
import interchange.wire.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Reads windows of inputs; keeps a few files open, since on a network file system opening is dear. */
final class Windows {
    private static final int OPEN_MAX = 32;

    /** Of one version of a file: a file of the same name may be another by now. */
    private record Opened(Inputs.Version version, FileChannel channel) {}

    private final LinkedHashMap<Path, Opened> open = new LinkedHashMap<>(16, 0.75f, true);

    /** The pieces from there on; fewer than a window only at the end of the file, none at the end or beyond it. */
    List<Piece> read(Path path, Inputs.Version version, long offset) throws IOException {
        FileChannel channel = channel(path, version);
        List<Piece> pieces = new ArrayList<>();
        for (long at = offset; at < offset + Window.BYTES; ) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(Window.PIECE_BYTES, offset + Window.BYTES - at));
            int read;
            do {
                read = channel.read(buffer, at + buffer.position());
            } while (read > 0 && buffer.hasRemaining());
            buffer.flip();
            if (!buffer.hasRemaining()) {
                break;
            }
            pieces.add(Piece.newBuilder()
                    .setOffset(at)
                    .setData(ByteString.copyFrom(buffer))
                    .build());
            at += pieces.getLast().getData().size();
        }
        return pieces;
    }

    private FileChannel channel(Path path, Inputs.Version version) throws IOException {
        Opened present = open.get(path);
        if (present != null && present.version().equals(version)) {
            return present.channel();
        }
        forget(path);
        if (open.size() >= OPEN_MAX) {
            forget(open.firstEntry().getKey());
        }
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        open.put(path, new Opened(version, channel));
        return channel;
    }

    private void forget(Path path) throws IOException {
        Opened opened = open.remove(path);
        if (opened != null) {
            opened.channel().close();
        }
    }

    /** Files that nobody reads any more can be unmounted or deleted. */
    void forgetAll() throws IOException {
        for (Path path : List.copyOf(open.keySet())) {
            forget(path);
        }
    }
}
