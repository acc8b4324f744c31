package interchange.submit.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import interchange.proto.control.CancelRequest;
import interchange.proto.control.DoneResponse;
import interchange.proto.control.Progress;
import interchange.proto.control.Request;
import interchange.proto.control.Response;
import interchange.submit.CommandException;
import interchange.submit.FakeDaemon;
import interchange.submit.Home;
import interchange.submit.Kind;
import interchange.submit.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class ControlClientTest {
    private static final Response.Builder DONE =
            Response.newBuilder().setDone(DoneResponse.newBuilder().addMessages("done"));

    @TempDir
    Path home;

    @Test
    void aRequestIsAnsweredAfterItsProgress() throws Exception {
        var progress = Response.newBuilder()
                .setMore(true)
                .setProgress(
                        Progress.newBuilder().setDoing("staging").setDone(1).setTotal(2));
        List<Progress> seen = new ArrayList<>();
        try (FakeDaemon daemon = new FakeDaemon(home, request -> List.of(progress.clone(), DONE.clone()));
                ControlClient client = new ControlClient(new Home(home), seen::add)) {
            assertThat(client.call(cancel()).getDone().getMessages(0)).isEqualTo("done");
            assertThat(seen).singleElement().extracting(Progress::getDoing).isEqualTo("staging");
            assertThat(daemon.asked().getFirst().getVersion()).isEqualTo(Version.current());
            assertThat(daemon.asked().getFirst().getId()).isNotEmpty();
        }
    }

    @Test
    void anAnswerToAnotherRequestIsPassedOver() throws Exception {
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(DONE));
                ControlClient client = new ControlClient(new Home(home), progress -> {})) {
            client.call(cancel());
            client.call(cancel());
            assertThat(daemon.asked()).extracting(Request::getId).doesNotHaveDuplicates();
        }
    }

    @Test
    void aDaemonThatDiesBeforeItAnswersIsAskedAgainWhenItIsBack() throws Exception {
        FakeDaemon first = new FakeDaemon(home, request -> List.of());
        try (ControlClient client = new ControlClient(new Home(home), progress -> {})) {
            CompletableFuture<Response> answer = CompletableFuture.supplyAsync(() -> call(client));
            awaitAsked(first);
            first.close();
            try (FakeDaemon second = new FakeDaemon(home, FakeDaemon.always(DONE))) {
                assertThat(answer.get().hasDone()).isTrue();
                assertThat(second.asked().getFirst().getId())
                        .as("the same request, so that it is not done twice")
                        .isEqualTo(first.asked().getFirst().getId());
            }
        }
    }

    @Test
    void betweenTwoRequestsTheDaemonMayBeReplaced() throws Exception {
        try (ControlClient client = new ControlClient(new Home(home), progress -> {})) {
            try (FakeDaemon first = new FakeDaemon(home, FakeDaemon.always(DONE))) {
                client.call(cancel());
                assertThat(first.asked()).hasSize(1);
            }
            try (FakeDaemon second = new FakeDaemon(home, FakeDaemon.always(DONE))) {
                assertThat(client.call(cancel()).hasDone()).isTrue();
                assertThat(second.asked()).hasSize(1);
            }
        }
    }

    @Test
    void silenceHasAnEnd() throws Exception {
        try (FakeDaemon daemon = new FakeDaemon(home, request -> List.of());
                ControlClient client = new ControlClient(new Home(home), progress -> {})) {
            assertNoDaemon(() -> client.call(cancel(), Duration.ofMillis(10)), "has said nothing");
            assertThat(daemon.asked()).hasSize(1);
        }
    }

    @Test
    void withoutADaemonTheNextStepIsNamed() throws Exception {
        try (ControlClient client = new ControlClient(new Home(home), progress -> {})) {
            assertNoDaemon(() -> client.call(cancel()), "interchange start");
            new FakeDaemon(home, FakeDaemon.always(DONE)).close();
            assertNoDaemon(() -> client.call(cancel()), "does not answer");
            Files.writeString(home.resolve("client.connection"), "nonsense");
            assertNoDaemon(() -> client.call(cancel()), "can't be read");
        }
    }

    @Test
    void whatIsTooLongIsNotSent() throws Exception {
        try (FakeDaemon daemon = new FakeDaemon(home, FakeDaemon.always(DONE));
                ControlClient client = new ControlClient(new Home(home), progress -> {})) {
            Request.Builder huge = cancel().setCancel(CancelRequest.newBuilder().setRun("x".repeat(5 << 20)));
            assertThatThrownBy(() -> client.call(huge))
                    .isInstanceOfSatisfying(
                            CommandException.class, e -> assertThat(e.kind()).isEqualTo(Kind.USER));
            assertThat(daemon.asked()).isEmpty();
        }
    }

    private static Response call(ControlClient client) {
        try {
            return client.call(cancel());
        } catch (CommandException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertNoDaemon(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        CommandException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NO_DAEMON));
    }

    private static void awaitAsked(FakeDaemon daemon) throws IOException {
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (daemon.asked().isEmpty()) {
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    private static Request.Builder cancel() {
        return Request.newBuilder().setCancel(CancelRequest.newBuilder().setRun("1"));
    }
}
