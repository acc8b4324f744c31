package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.core.BlockPhase;
import interchange.core.BlockReport;
import interchange.core.Effect;
import interchange.core.Event;
import interchange.core.Recovered;
import interchange.launch.Installation;
import interchange.provider.Answer;
import interchange.provider.BatchRunner;
import interchange.provider.BlockRequest;
import interchange.provider.Call;
import interchange.provider.Provider;
import interchange.provider.ProviderException;
import interchange.settings.InvalidSettingsException;
import interchange.site.NodeCapacity;
import interchange.site.SiteConfig;
import interchange.wire.ConnectionFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of blocks whose batch system answers late, wrongly or not at all. */
class BlocksTest {
    private static final int SITE = 0;
    private static final long LOOK = 7;

    @TempDir
    Path directory;

    private final BatchRunner runner = new BatchRunner(1);
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> commands = new LinkedBlockingQueue<>();
    private final Sites sites = new Sites(config -> new EchoingProvider());

    /** What the batch system says, by the word its command begins with. */
    private volatile Map<String, Optional<String>> says = Map.of();

    private volatile Executor preparer = Runnable::run;
    private Optional<Blocks> blocks = Optional.empty();

    @BeforeEach
    void build() throws IOException, InvalidSettingsException {
        sites.add(SITE, SiteConfig.parse("here", Map.of("provider", "local"), new NodeCapacity(2, 2048)));
        Home home = new Home(directory.resolve("home"));
        Path jars = TestDaemon.fakeJars(directory.resolve("jars"));
        ConnectionFile nowhere = new ConnectionFile("0.1.0", List.of("nowhere"), 1, "", "", "");
        BlockFiles files = new BlockFiles(
                home,
                new ConnectionFiles(home, nowhere),
                Keeper.fromJars(jars),
                new Installation(Path.of("java"), jars, Optional.empty()),
                Map.of());
        blocks = Optional.of(new Blocks(sites, files, runner, task -> preparer.execute(task), events::add));
    }

    @AfterEach
    void close() {
        runner.close();
    }

    private Blocks blocks() {
        return blocks.orElseThrow();
    }

    private Event next() throws InterruptedException {
        return Optional.ofNullable(events.poll(20, TimeUnit.SECONDS)).orElseThrow();
    }

    @Test
    void aBlockIsSubmittedWithItsKeeperInPlaceAndPolledByItsBatchId() throws InterruptedException {
        says = Map.of("submit", Optional.of("17"), "poll", Optional.of("17"));
        blocks().submit(new Effect.SubmitBlock(1, SITE, "token", 1, List.of()));
        assertThat(next()).isEqualTo(new Event.BlockSubmitted(1, "17"));
        assertThat(Files.exists(directory.resolve("home/blocks/1-token/keeper.sh")))
                .isTrue();
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of(1)));
        assertThat(next()).isEqualTo(new Event.BlocksPolled("local", LOOK, Map.of(1, EchoingProvider.RUNNING)));
        assertThat(commands).containsExactly("submit 1", "poll 17");
    }

    @Test
    void aBlockThatFailedSaysTheLastWordsOfItsLog() throws Exception {
        says = Map.of("submit", Optional.of("17"), "poll", Optional.of("17 FAILED"));
        blocks().submit(new Effect.SubmitBlock(1, SITE, "token", 1, List.of()));
        next();
        Files.writeString(directory.resolve("home/blocks/1-token/block.log"), "started\n\nno java\nends with 1\n");
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of(1)));
        BlockReport failed =
                new BlockReport(BlockPhase.FAILED, "FAILED; its log ends: started | no java | ends with 1", -1);
        assertThat(next()).isEqualTo(new Event.BlocksPolled("local", LOOK, Map.of(1, failed)));
    }

    @Test
    void aBlockThatWouldNeverStartIsCancelled() throws InterruptedException {
        says = Map.of("submit", Optional.of("17"), "poll", Optional.of("17 QUEUED"));
        blocks().submit(new Effect.SubmitBlock(1, SITE, "token", 1, List.of()));
        next();
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of(1)));
        TestDaemon.await("the cancel", () -> commands.contains("cancel 17"));
    }

    @Test
    void aBlockWhoseSubmissionTimedOutIsFoundByItsToken() throws InterruptedException {
        says = Map.of("submit", Optional.empty(), "find", Optional.of("token=18"), "poll", Optional.of("18"));
        blocks().submit(new Effect.SubmitBlock(1, SITE, "token", 1, List.of()));
        assertThat(next()).isEqualTo(new Event.BlockRefused(1, "no answer", false));
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of(1)));
        assertThat(next()).isEqualTo(new Event.BlockSubmitted(1, "18"));
        assertThat(next()).isEqualTo(new Event.BlocksPolled("local", LOOK, Map.of(1, EchoingProvider.RUNNING)));
        blocks().cancel(new Effect.CancelBlocks(SITE, List.of(1)));
        TestDaemon.await("the cancel", () -> commands.contains("cancel 18"));
    }

    @Test
    void aBlockOfADaemonThatDiedWhileAskingForItIsFoundToo() throws InterruptedException {
        says = Map.of("find", Optional.of("old=19"), "poll", Optional.of("19"));
        blocks().recover(List.of(new Recovered.BlockRecord(4, SITE, "old", 1, BlockPhase.INTENDED, "", "", 0, 0)));
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of(4)));
        assertThat(next()).isEqualTo(new Event.BlockSubmitted(4, "19"));
        assertThat(next()).isInstanceOf(Event.BlocksPolled.class);
    }

    @Test
    void aBatchSystemThatDoesNotAnswerIsNoNewsOfItsBlocks() throws InterruptedException {
        says = Map.of("submit", Optional.of("17"), "poll", Optional.empty());
        blocks().submit(new Effect.SubmitBlock(1, SITE, "token", 1, List.of()));
        assertThat(next()).isInstanceOf(Event.BlockSubmitted.class);
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of(1)));
        assertThat(next()).isEqualTo(new Event.PollFailed("local", LOOK, "no answer"));
    }

    @Test
    void theThreadThatAsksIsNeverTheOneThatWaitsForRoomInTheInbox() throws InterruptedException {
        blocks().submit(new Effect.SubmitBlock(2, SITE, "other", 1, List.of()));
        next();
        // From now on commands are not taken, and answered as such at once.
        runner.close();
        BlockingQueue<Runnable> prepared = new LinkedBlockingQueue<>();
        preparer = prepared::add;
        blocks().submit(new Effect.SubmitBlock(1, SITE, "token", 1, List.of()));
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of(1)));
        blocks().poll(new Effect.PollBlocks("local", LOOK, List.of()));
        blocks().cancel(new Effect.CancelBlocks(SITE, List.of(1)));
        assertThat(events).isEmpty();
        prepared.forEach(Runnable::run);
        assertThat(next()).isEqualTo(new Event.BlockRefused(1, "no answer", false));
        assertThat(next()).isEqualTo(new Event.PollFailed("local", LOOK, "no answer"));
        assertThat(next()).isEqualTo(new Event.BlocksPolled("local", LOOK, Map.of()));
    }

    /** Its commands say what the test says; one that says nothing was not heard of. */
    private final class EchoingProvider implements Provider {
        static final BlockReport RUNNING = new BlockReport(BlockPhase.RUNNING, "", -1);

        @Override
        public String name() {
            return "echo";
        }

        private Call call(String word, String rest) {
            commands.add(word + " " + rest);
            String said = says.getOrDefault(word, Optional.empty()).orElse("");
            return new Call(List.of("/bin/echo", "-n", said), "", Duration.ofSeconds(20), Map.of());
        }

        private static String heard(Answer answer) throws ProviderException {
            if (answer.stdout().isEmpty()) {
                throw new ProviderException("no answer", false);
            }
            return answer.stdout();
        }

        @Override
        public Call submit(BlockRequest request) {
            return call("submit", Integer.toString(request.block()));
        }

        @Override
        public String parseSubmitted(Answer answer) throws ProviderException {
            return heard(answer);
        }

        @Override
        public Call poll(List<String> batchIds) {
            return call("poll", String.join(" ", batchIds));
        }

        @Override
        public Map<String, BlockReport> parsePolled(Answer answer) throws ProviderException {
            String[] words = heard(answer).split(" ", 2);
            return Map.of(
                    words[0],
                    words.length == 1 ? RUNNING : new BlockReport(BlockPhase.valueOf(words[1]), words[1], -1));
        }

        @Override
        public boolean isStuck(BlockReport report) {
            return report.phase() == BlockPhase.QUEUED;
        }

        @Override
        public Call find(List<String> tokens) {
            return call("find", String.join(" ", tokens));
        }

        @Override
        public Map<String, String> parseFound(Answer answer) throws ProviderException {
            String[] fields = heard(answer).split("=", 2);
            return Map.of(fields[0], fields[1]);
        }

        @Override
        public Call cancel(List<String> batchIds) {
            return call("cancel", String.join(" ", batchIds));
        }

        @Override
        public void checkCancelled(Answer answer) {
            // Whatever it says.
        }
    }
}
