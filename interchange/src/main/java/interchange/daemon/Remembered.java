package interchange.daemon;

import interchange.core.Recovered;
import interchange.proto.control.DoneResponse;
import interchange.proto.control.Response;
import interchange.proto.control.RestartResponse;
import java.util.LinkedHashMap;
import java.util.List;
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

    /** What was asked of a daemon before this one, and is still under way. */
    void recover(List<Recovered.RunRecord> runs) {
        for (Recovered.RunRecord run : runs) {
            int id = run.graph().run();
            if (!run.restartRequest().isEmpty()) {
                RestartResponse restarted =
                        RestartResponse.newBuilder().setRun(id).build();
                put(
                        run.restartRequest(),
                        Response.newBuilder().setRestart(restarted).build());
            }
            if (!run.cancelRequest().isEmpty()) {
                DoneResponse done = DoneResponse.newBuilder()
                        .addMessages("run " + id + " is being cancelled")
                        .build();
                put(run.cancelRequest(), Response.newBuilder().setDone(done).build());
            }
        }
    }

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
