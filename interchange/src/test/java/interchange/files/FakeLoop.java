package interchange.files;

import interchange.broker.FilesLoop;
import interchange.files.Turns.Peer;
import interchange.proto.files.FromFiles;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;

/** The socket's thread and the others, all of them the test's: what is to be done is done when it says so. */
final class FakeLoop implements FilesLoop {
    /** Links that have gone. */
    final Set<Long> gone = new HashSet<>();

    private final List<Sent> sent = new ArrayList<>();
    private final Queue<Runnable> work = new ArrayDeque<>();

    private record Sent(Peer peer, FromFiles message) {}

    @Override
    public boolean send(long link, FromFiles message) {
        return !gone.contains(link) && sent.add(new Sent(new Peer(link, message.getTransfer()), message));
    }

    @Override
    public void post(Runnable posted) {
        work.add(posted);
    }

    @Override
    public void unsound() {
        throw new AssertionError("what a test says can be meant");
    }

    @Override
    public void fail(Throwable thrown) {
        throw new AssertionError(thrown);
    }

    Executor otherThread() {
        return work::add;
    }

    /** Does all that is to be done. */
    void run() {
        for (Runnable next = work.poll(); next != null; next = work.poll()) {
            next.run();
        }
    }

    /** What one has been told since the last time. */
    List<FromFiles> heard(Peer peer) {
        List<FromFiles> heard = sent.stream()
                .filter(each -> each.peer().equals(peer))
                .map(Sent::message)
                .toList();
        sent.removeIf(each -> each.peer().equals(peer));
        return heard;
    }
}
