package interchange.daemon;

import interchange.proto.control.Response;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Answers to requests that changed something, by the request's id, so that a repeated one is answered and not done again.
 * May be used from any thread.
 */
final class Remembered {
    /** A client repeats within minutes; so many requests in that time would be a fault. */
    private static final int ANSWERS_MAX = 1_000;

    private final Map<String, Response> answers = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Response> eldest) {
            return size() > ANSWERS_MAX;
        }
    };

    Optional<Response> find(String request) {
        synchronized (answers) {
            return Optional.ofNullable(answers.get(request));
        }
    }

    void put(String request, Response answer) {
        synchronized (answers) {
            answers.put(request, answer);
        }
    }
}
