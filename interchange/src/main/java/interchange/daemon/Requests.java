package interchange.daemon;

import interchange.broker.Broker;
import interchange.proto.control.Error;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.wire.Version;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes clients' requests to whoever answers them. Called on the broker's thread, which it never keeps waiting; answers
 * are made on the query thread, long ones on the loader's.
 */
final class Requests {
    private static final Logger LOG = LoggerFactory.getLogger(Requests.class);

    private final Broker broker;
    private final Version version;
    private final Answers answers;
    private final Remembered remembered;
    private final Troubles troubles;
    private final ExecutorService queries;
    private final ExecutorService loader;

    Requests(
            Broker broker,
            Version version,
            Answers answers,
            Remembered remembered,
            Troubles troubles,
            ExecutorService queries,
            ExecutorService loader) {
        this.broker = broker;
        this.version = version;
        this.answers = answers;
        this.remembered = remembered;
        this.troubles = troubles;
        this.queries = queries;
        this.loader = loader;
    }

    void receive(long link, Request request) {
        Reply reply = new Reply(broker, link, request.getId());
        Optional<String> stranger = version.refusal("client", request.getVersion());
        if (stranger.isPresent()) {
            reply.refuse(new RequestException(Error.Kind.VERSION, stranger.get()));
            return;
        }
        try {
            (isLong(request) ? loader : queries).execute(() -> answer(request, reply));
        } catch (RejectedExecutionException e) {
            reply.refuse(new RequestException(
                    Error.Kind.UNAVAILABLE, "the daemon is stopping, or too many requests wait; ask again later"));
        }
    }

    private static boolean isLong(Request request) {
        return switch (request.getBodyCase()) {
            case SUBMIT, CHECK, RESTART, EXPORT -> true;
            case PING,
                    LIST,
                    REPORT,
                    USAGE,
                    JOBS,
                    JOB,
                    EXPLAIN,
                    CANCEL,
                    WORKERS,
                    BLOCKS,
                    SITES,
                    STOP,
                    PURGE,
                    BODY_NOT_SET -> false;
        };
    }

    private static boolean changes(Request request) {
        return switch (request.getBodyCase()) {
            case SUBMIT, RESTART, CANCEL, STOP, PURGE -> true;
            case SITES -> !request.getSites().getResume().isEmpty();
            case PING, LIST, REPORT, USAGE, JOBS, JOB, EXPLAIN, WORKERS, BLOCKS, CHECK, EXPORT, BODY_NOT_SET -> false;
        };
    }

    private void answer(Request request, Reply reply) {
        try {
            if (!changes(request)) {
                reply.last(answers.answer(request, reply));
                return;
            }
            Optional<Response> before = remembered.find(request.getId());
            if (before.isPresent()) {
                reply.last(before.get());
                return;
            }
            if (!request.hasStop()) {
                refuseWhileStuck();
            }
            Response response = answers.answer(request, reply);
            remembered.put(request.getId(), response);
            reply.last(response);
            answers.afterwards(request);
        } catch (RequestException e) {
            reply.refuse(e);
        } catch (RuntimeException e) {
            LOG.error("Request {} ({}) could not be answered.", request.getId(), request.getBodyCase(), e);
            reply.refuse(new RequestException(
                    Error.Kind.INTERNAL, "the daemon has a fault: " + e + "; its log (in log/) says more"));
        }
    }

    private void refuseWhileStuck() throws RequestException {
        Optional<String> stuck = troubles.present(Troubles.Kind.JOURNAL);
        if (stuck.isPresent()) {
            throw new RequestException(Error.Kind.UNAVAILABLE, stuck.get());
        }
    }
}
