package interchange.worker.warm;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.worker.process.Bench;
import interchange.worker.process.Environment;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When which template is made, by a clock of the test's own; what templates say the test says. */
class SuccessionTest {
    @TempDir
    Path directory;

    private long now = TimeUnit.HOURS.toNanos(1);
    private final List<SocketChannel> ends = new ArrayList<>();
    private final Succession plain = succession("");

    private static Succession succession(String prefix) {
        var kind = new Kind(prefix, "tool", "", Map.of(), "", true);
        return new Succession(new Recipes.Known(kind, new Environment(Map.of())));
    }

    @AfterEach
    void hangUp() throws IOException {
        for (SocketChannel end : ends) {
            end.close();
        }
    }

    private void pass(long seconds) {
        now += TimeUnit.SECONDS.toNanos(seconds);
    }

    /** One whose process says nothing by itself. */
    private Template template() throws IOException {
        Path path = directory.resolve(ends.size() + ".line");
        var line = new Line(path, Bench.lock());
        SocketChannel end = SocketChannel.open(StandardProtocolFamily.UNIX);
        end.connect(UnixDomainSocketAddress.of(path));
        ends.add(end);
        return new Template(Bench.process(ends.size()), line, directory.resolve("err"), now);
    }

    /** Says it with the voice of the last one. */
    private Optional<Template> says(Succession succession, String word) throws IOException {
        ends.getLast().write(ByteBuffer.wrap((word + "\n").getBytes(StandardCharsets.UTF_8)));
        return succession.look(now);
    }

    private Template begins(Succession succession) throws IOException {
        Template template = template();
        succession.started(template);
        return template;
    }

    private Template serves(Succession succession) throws IOException {
        succession.want();
        Template template = begins(succession);
        says(succession, "ready 1000");
        assertThat(succession.serving()).contains(template);
        return template;
    }

    @Test
    void oneIsMadeWhenAJobWantsItAndNoneBesideIt() throws Exception {
        assertThat(plain.isDue(now)).isFalse();
        plain.want();
        assertThat(plain.isDue(now)).isTrue();
        begins(plain);
        plain.want();
        assertThat(plain.isDue(now)).isFalse();
        says(plain, "ready 1000");
        assertThat(plain.isDue(now)).isFalse();
    }

    @Test
    void itsFirstForkMayWantMoreAtOnceAndLaterOnesAfterAPause() throws Exception {
        Template first = serves(plain);
        plain.worked(true);
        assertThat(plain.isDue(now)).isTrue();
        assertThat(plain.growing(now)).contains(first);
        plain.grows(template());
        pass(2);
        assertThat(says(plain, "ready 1000")).contains(first);

        plain.worked(true);
        assertThat(plain.isDue(now)).isFalse();
        pass(19);
        assertThat(plain.isDue(now)).isFalse();
        pass(2);
        assertThat(plain.isDue(now)).isTrue();
    }

    @Test
    void afterOneThatDidNotGrowOneBeginsAnew() throws Exception {
        Template first = serves(plain);
        plain.worked(true);
        plain.grows(template());
        says(plain, "again importing loud has changed something printed");
        assertThat(plain.serving()).contains(first);

        plain.worked(true);
        assertThat(plain.isDue(now)).isTrue();
        assertThat(plain.growing(now)).isEmpty();
        begins(plain);
        assertThat(says(plain, "ready 1000")).contains(first);

        // That one can be grown again.
        plain.worked(true);
        assertThat(plain.growing(now)).isPresent();
    }

    /** While one serves, each that is made in vain makes the pause longer, whatever jobs there are meanwhile. */
    @Test
    void thoseThatAreToTakeThePlaceOfOneLeaveTheProcessorsToJobs() throws Exception {
        serves(plain);
        for (long pause : new long[] {5, 10, 15}) {
            plain.worked(true);
            assertThat(plain.isDue(now)).isTrue();
            begins(plain);
            pass(5);
            says(plain, "again importing loud has changed something printed");
            plain.worked(true);
            pass(pause - 1);
            assertThat(plain.isDue(now)).isFalse();
            pass(1);
        }
        plain.worked(true);
        begins(plain);
        says(plain, "ready 1000");
        begins(plain);
        pass(5);
        says(plain, "again and again");
        plain.worked(true);
        pass(5);
        assertThat(plain.isDue(now)).isTrue();
    }

    @Test
    void failuresMakeThePausesLonger() throws Exception {
        plain.want();
        for (long pause : new long[] {0, 4, 8, 16}) {
            assertThat(plain.isDue(now)).isTrue();
            begins(plain);
            assertThat(says(plain, "nonsense")).isEmpty();
            plain.want();
            if (pause > 0) {
                pass(pause - 1);
                assertThat(plain.isDue(now)).isFalse();
                pass(1);
            }
        }
        assertThat(plain.isListDoubtful()).isTrue();
        assertThat(plain.why()).isEqualTo("it began with 'nonsense'");
        serves(plain);
        assertThat(plain.isListDoubtful()).isFalse();
        assertThat(plain.why()).isEmpty();
    }

    @Test
    void oneAfterTheOtherThatWantsAnotherIsNotForEver() throws Exception {
        plain.want();
        int made = 0;
        while (plain.isDue(now) && made < 100) {
            begins(plain);
            says(plain, "again and again");
            made++;
        }
        // Then it counts as a failure, and the first of those may try again at once.
        assertThat(made).isEqualTo(13);
        plain.want();
        assertThat(plain.isDue(now)).isTrue();
    }

    @Test
    void whatCanNotBeWarmIsLookedIntoAgainAfterHalfAnHour() throws Exception {
        plain.want();
        begins(plain);
        says(plain, "cold importing has started a thread: t");
        plain.want();
        pass(1_799);
        assertThat(plain.isDue(now)).isFalse();
        pass(1);
        assertThat(plain.isDue(now)).isTrue();
    }

    @Test
    void aPrefixIsRunAnewAfterHalfAnHourByOneThatBeginsAnew() throws Exception {
        Succession prefixed = succession("module load stack");
        serves(prefixed);
        pass(1_000);
        prefixed.worked(true);
        prefixed.grows(template());
        says(prefixed, "ready 1000");
        serves(plain);
        assertThat(prefixed.isDue(now)).isFalse();
        pass(801);
        assertThat(plain.isDue(now)).isFalse();
        assertThat(prefixed.isDue(now)).isTrue();
        prefixed.worked(true);
        assertThat(prefixed.growing(now)).isEmpty();
    }

    @Test
    void oneThatIsBusyServesAgainWhenItSaysSo() throws Exception {
        Template template = serves(plain);
        ends.getLast().write(ByteBuffer.wrap("busy looking\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(template.ask("{}", now)).isInstanceOf(Template.Answer.Cold.class);
        assertThat(template.isReady()).isFalse();
        assertThat(template.waitedForSinceNanos()).contains(now);
        plain.worked(true);
        assertThat(plain.growing(now)).isEmpty();
        // Nor does one begin anew where files are slow.
        assertThat(plain.isDue(now)).isFalse();
        says(plain, "ready 1000");
        assertThat(template.isReady()).isTrue();
        assertThat(plain.isDue(now)).isTrue();
    }

    /** Growth may come long after its last use: since when it is busy is another matter. */
    @Test
    void oneThatIsBusyWhenItIsToGrowIsSoSinceThen() throws Exception {
        Template template = serves(plain);
        pass(1_000);
        ends.getLast().write(ByteBuffer.wrap("busy looking\n".getBytes(StandardCharsets.UTF_8)));
        assertThat(template.askForSuccessor("{}", now)).isInstanceOf(Template.Answer.Cold.class);
        assertThat(template.waitedForSinceNanos()).contains(now);
        assertThat(template.usedNanos()).isLessThan(now);
    }

    @Test
    void oneThatFindsAChangeWhileItIsBusyIsFollowedAtOnce() throws Exception {
        Template template = serves(plain);
        ends.getLast().write(ByteBuffer.wrap("busy looking\n".getBytes(StandardCharsets.UTF_8)));
        template.ask("{}", now);
        says(plain, "changed /a/module.py");
        assertThat(plain.serving()).isEmpty();
        assertThat(plain.isDue(now)).isTrue();
        assertThat(plain.why()).isEqualTo("/a/module.py has changed");
    }

    @Test
    void withoutRoomItIsTriedAgainWhenAJobWantsItLater() throws Exception {
        plain.want();
        plain.hasNoRoom(now);
        pass(10);
        assertThat(plain.isDue(now)).isFalse();
        plain.want();
        assertThat(plain.isDue(now)).isTrue();
    }
}
