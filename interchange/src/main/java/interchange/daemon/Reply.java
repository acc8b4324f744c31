package interchange.daemon;

import interchange.broker.Broker;
import interchange.proto.control.Progress;
import interchange.proto.control.Response;

/** The way back to whoever asked. May be used from any thread. */
final class Reply {
    private final Broker broker;
    private final long link;
    private final String id;

    Reply(Broker broker, long link, String id) {
        this.broker = broker;
        this.link = link;
        this.id = id;
    }

    void progress(String doing, long done, long total) {
        Progress progress = Progress.newBuilder()
                .setDoing(doing)
                .setDone(done)
                .setTotal(total)
                .build();
        broker.send(
                link,
                Response.newBuilder()
                        .setId(id)
                        .setMore(true)
                        .setProgress(progress)
                        .build());
    }

    void last(Response response) {
        broker.send(link, response.toBuilder().setId(id).setMore(false).build());
    }

    void refuse(RequestException refusal) {
        last(Response.newBuilder().setError(refusal.toError()).build());
    }
}
