package interchange.worker.files;

import interchange.proto.files.FileName;
import interchange.proto.files.Found;
import interchange.proto.files.FromFiles;
import interchange.proto.files.Look;
import interchange.proto.files.ToFiles;
import java.util.function.Consumer;

/** Asks what an input is, or whether an output could be put into its place. */
final class Looking implements Exchange {
    private final FileName file;
    private final Consumer<Found> found;
    private final Consumer<String> refused;
    private final Consumer<String> later;

    Looking(FileName file, Consumer<Found> found, Consumer<String> refused, Consumer<String> later) {
        this.file = file;
        this.found = found;
        this.refused = refused;
        this.later = later;
    }

    @Override
    public ToFiles.Builder ask() {
        return ToFiles.newBuilder().setFile(file).setLook(Look.getDefaultInstance());
    }

    @Override
    public Next answered(FromFiles answer) {
        return switch (answer.getBodyCase()) {
            case FOUND -> {
                found.accept(answer.getFound());
                yield Next.OVER;
            }
            case REFUSED -> {
                refused.accept(answer.getRefused().getReason());
                yield Next.OVER;
            }
            case LATER -> {
                later.accept(answer.getLater().getReason());
                yield Next.ASK_LATER;
            }
            case QUEUED, PIECE, TURN, TAKEN, CHANGED, BODY_NOT_SET -> Next.WAIT;
        };
    }
}
