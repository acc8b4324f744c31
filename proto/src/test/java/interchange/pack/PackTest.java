package interchange.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackTest {
    /** A file on a disk that takes so much and no more. */
    private static final class FullDisk implements PackWriter.Target {
        private final FileChannel channel;
        private int room = Integer.MAX_VALUE;

        FullDisk(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int write(ByteBuffer bytes, long position) throws IOException {
            if (room == 0) {
                throw new IOException("No space left on device");
            }
            int written = channel.write(bytes.slice(bytes.position(), Math.min(room, bytes.remaining())), position);
            room -= written;
            return written;
        }

        @Override
        public void show() {
            // It is.
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private static final int MANY = 20_000;

    @TempDir
    Path directory;

    private Path file = Path.of("");
    private String incarnation = "0123";

    @BeforeEach
    void name() {
        file = directory.resolve(PackName.of(3, "no de/1", "0123456789abcdef0123"));
    }

    private PackWriter writer() throws IOException {
        return PackWriter.open(
                file,
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                false,
                3,
                "node1",
                incarnation);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private Optional<String> text(int job, int number, Printed printed) throws IOException {
        try (PackReader reader = PackReader.open(file)) {
            Optional<PackReader.Found> found = reader.find(job, number);
            if (found.isEmpty()) {
                return Optional.empty();
            }
            var out = new ByteArrayOutputStream();
            reader.copy(found.get(), printed, 0, out);
            return Optional.of(out.toString(StandardCharsets.UTF_8));
        }
    }

    private boolean ended(int job) throws IOException {
        try (PackReader reader = PackReader.open(file)) {
            return reader.find(job, 0).orElseThrow().ended();
        }
    }

    /** Attempts as they end one after another, while the last job goes on. */
    private void writeMany(int jobs) throws IOException {
        try (PackWriter writer = writer()) {
            writer.text(jobs, 0, Printed.STDOUT, 0, bytes("begun, "));
            for (int job = 0; job < jobs; job++) {
                writer.text(job, 0, Printed.STDOUT, 0, bytes("out of " + job));
                writer.text(job, 0, Printed.STDERR, 0, bytes("err of " + job));
                writer.end(job, 0, "job" + job);
                if (writer.gatheredBytes() > PackWriter.GATHERED_BYTES) {
                    writer.flush();
                }
            }
            writer.text(jobs, 0, Printed.STDOUT, 7, bytes("gone on"));
            writer.flush();
        }
    }

    @Test
    void whatWasPrintedIsFoundByAttemptAndOutput() throws IOException {
        try (PackWriter writer = writer()) {
            writer.text(7, 0, Printed.STDOUT, 0, bytes("one "));
            writer.text(8, 2, Printed.STDOUT, 0, bytes("other"));
            writer.text(7, 0, Printed.STDERR, 0, bytes("trouble"));
            writer.text(7, 0, Printed.STDOUT, 4, bytes("two"));
            writer.end(7, 0, "seven");
            writer.end(9, 0, "silent");
            writer.flush();
        }
        assertThat(text(7, 0, Printed.STDOUT)).contains("one two");
        assertThat(text(7, 0, Printed.STDERR)).contains("trouble");
        assertThat(text(8, 2, Printed.STDOUT)).contains("other");
        assertThat(text(8, 1, Printed.STDOUT)).isEmpty();
        assertThat(text(9, 0, Printed.STDOUT)).contains("");
        assertThat(ended(7)).isTrue();
        assertThat(file).hasFileName("run3-no_de_1-0123456789abcdef.pack");
    }

    @Test
    void ofManyAttemptsEachIsFound() throws IOException {
        writeMany(MANY);
        for (int job = 0; job < MANY; job += job < 200 || job > MANY - 200 ? 1 : 97) {
            assertThat(text(job, 0, Printed.STDOUT)).contains("out of " + job);
            assertThat(text(job, 0, Printed.STDERR)).contains("err of " + job);
        }
        assertThat(text(MANY, 0, Printed.STDOUT)).contains("begun, gone on");
        assertThat(ended(MANY)).isFalse();
        assertThat(text(MANY + 1, 0, Printed.STDOUT)).isEmpty();
        assertThat(text(5, 1, Printed.STDOUT)).isEmpty();
    }

    @Test
    void aLongSilentJobIsFoundBehindThousandsOfOthersRecords() throws IOException {
        try (PackWriter writer = writer()) {
            writer.text(1, 0, Printed.STDOUT, 0, bytes("early"));
            for (int i = 0; i < 5_000; i++) {
                writer.text(2, 0, Printed.STDOUT, i, bytes("x"));
            }
            writer.flush();
        }
        assertThat(text(1, 0, Printed.STDOUT)).contains("early");
        assertThat(text(2, 0, Printed.STDOUT).orElseThrow()).hasSize(5_000);
        assertThat(text(3, 0, Printed.STDOUT)).isEmpty();
    }

    @Test
    void onlyWhatIsNewIsReadAgain() throws IOException {
        try (PackWriter writer = writer();
                PackReader reader = PackReader.open(file)) {
            assertThat(reader.find(1, 0)).isEmpty();
            writer.text(1, 0, Printed.STDOUT, 0, bytes("one"));
            writer.flush();
            PackReader.Found first = reader.find(1, 0).orElseThrow();
            var out = new ByteArrayOutputStream();
            long at = reader.copy(first, Printed.STDOUT, 0, out);
            writer.text(1, 0, Printed.STDOUT, at, bytes("two"));
            writer.end(1, 0, "a");
            writer.flush();
            PackReader.Found second =
                    reader.find(1, 0, first.pieces().getLast()).orElseThrow();
            assertThat(second.pieces()).hasSize(1);
            assertThat(second.ended()).isTrue();
            assertThat(reader.copy(second, Printed.STDOUT, at, out)).isEqualTo(6);
            assertThat(out).hasToString("onetwo");
        }
    }

    @Test
    void whereverItIsTornWhatWasWholeIsFound() throws IOException {
        writeMany(100);
        byte[] whole = Files.readAllBytes(file);
        var random = new SplittableRandom(1);
        for (int i = 0; i < 300; i++) {
            int length = random.nextInt(whole.length);
            Files.write(file, whole);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(length);
                // A node's crash may leave the length without the bytes.
                channel.write(ByteBuffer.allocate(random.nextInt(100_000)), length);
            }
            int jobs = 0;
            while (jobs < 100
                    && text(jobs, 0, Printed.STDERR)
                            .filter(text -> !text.isEmpty())
                            .isPresent()) {
                jobs++;
            }
            // Each takes about 220 bytes: no more than the last of them is missing.
            assertThat(jobs).isGreaterThanOrEqualTo(length / 260 - 2);
        }
    }

    @Test
    void whateverIsInItNothingButAClearErrorComesOfIt() throws IOException {
        writeMany(300);
        byte[] whole = Files.readAllBytes(file);
        var random = new SplittableRandom(2);
        for (int i = 0; i < 2_000; i++) {
            byte[] changed = whole.clone();
            for (int j = random.nextInt(1, 20); j > 0; j--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, changed);
            int job = random.nextInt(300);
            try {
                text(job, 0, Printed.STDOUT)
                        .ifPresent(found -> assertThat(found).isIn("out of " + job, ""));
            } catch (PackException e) {
                assertThat(e).hasMessageContaining(file + " is damaged at byte ");
            }
        }
    }

    @Test
    void aTextThatIsAPackIsNotTakenForOne() throws IOException {
        writeMany(3);
        byte[] pack = Files.readAllBytes(file);
        Files.delete(file);
        try (PackWriter writer = writer()) {
            writer.text(9, 0, Printed.STDOUT, 0, ByteBuffer.wrap(pack));
            writer.flush();
        }
        assertThat(text(9, 0, Printed.STDOUT).orElseThrow()).hasSize(new String(pack, StandardCharsets.UTF_8).length());
        // Torn: now the last trailer that is whole is one that was printed.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - Header.TRAILER_BYTES);
        }
        assertThat(text(2, 0, Printed.STDOUT)).isEmpty();
        assertThat(text(9, 0, Printed.STDOUT)).isEmpty();
    }

    @Test
    void aFileFullOfTrailersIsGivenUp() throws IOException {
        ByteBuffer enemy = ByteBuffer.allocate(8 * 100_000);
        while (enemy.hasRemaining()) {
            Header.putTrailer(enemy, 100);
        }
        Files.write(file, enemy.array());
        assertThatThrownBy(() -> text(1, 0, Printed.STDOUT))
                .isInstanceOf(PackException.class)
                .hasMessageContaining("before its torn end");
    }

    @Test
    void whatAnIndexPromisesIsLookedAt() throws IOException {
        ByteBuffer enemy = ByteBuffer.allocate(1_000);
        var index = new Index();
        index.add(1, 0, 5_000_000_000L);
        ByteBuffer content = index.bytes();
        var header = new Header(
                Header.Kind.INDEX,
                Printed.STDOUT,
                content.remaining(),
                -1,
                -1,
                0,
                0,
                -1,
                -1,
                Header.crc(content.duplicate()));
        header.put(enemy);
        enemy.put(content);
        Header.putTrailer(enemy, header.total());
        Files.write(file, java.util.Arrays.copyOf(enemy.array(), enemy.position()));
        assertThatThrownBy(() -> text(1, 0, Printed.STDOUT)).hasMessageContaining("it leads to byte 5000000000");
    }

    @Test
    void aWriteThatFailedIsGoneOnWith() throws IOException {
        var full = new FullDisk(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        try (PackWriter writer = new PackWriter(full, bytes("a pack\n"))) {
            writer.text(1, 0, Printed.STDOUT, 0, bytes("before"));
            writer.end(1, 0, "a");
            writer.flush();
            full.room = 70;
            writer.text(2, 0, Printed.STDOUT, 0, bytes("in it"));
            writer.end(2, 0, "b");
            assertThatThrownBy(writer::flush).hasMessageContaining("No space left");
            assertThat(text(1, 0, Printed.STDOUT)).contains("before");
            assertThat(text(2, 0, Printed.STDOUT)).isEmpty();
            full.room = Integer.MAX_VALUE;
            writer.text(3, 0, Printed.STDOUT, 0, bytes("after"));
            writer.flush();
        }
        assertThat(text(2, 0, Printed.STDOUT)).contains("in it");
        assertThat(text(3, 0, Printed.STDOUT)).contains("after");
    }

    @Test
    void aPackThatIsOpenedAgainGoesOnAsIfItHadNeverBeenClosed() throws IOException {
        var random = new SplittableRandom(3);
        // In one go of course, to compare with: the landmarks must be the same.
        writeMany(MANY);
        long wholeSize = Files.size(file);
        Files.delete(file);
        int job = 0;
        while (job < MANY) {
            try (PackWriter writer = writer()) {
                for (int some = random.nextInt(1, 400); some > 0 && job < MANY; some--, job++) {
                    writer.text(job, 0, Printed.STDOUT, 0, bytes("out of " + job));
                    writer.text(job, 0, Printed.STDERR, 0, bytes("err of " + job));
                    writer.end(job, 0, "job" + job);
                }
                writer.flush();
            }
        }
        for (job = 0; job < MANY; job += job < 200 || job > MANY - 5_000 ? 1 : 97) {
            assertThat(text(job, 0, Printed.STDOUT)).contains("out of " + job);
            assertThat(text(job, 0, Printed.STDERR)).contains("err of " + job);
        }
        assertThat(landmarksFromTheEnd()).isLessThan(64 + 64 + MANY / (1 << 12));
        assertThat(Files.size(file)).isBetween(wholeSize - 10_000, wholeSize + 10_000);
    }

    /** So many a reader meets that looks for what is not there. */
    private int landmarksFromTheEnd() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var records = new Records(file, channel);
            int count = 0;
            for (long at = records.last().orElseThrow().nearestLandmark(); at != Header.NONE; count++) {
                at = records.at(at).landmark();
            }
            return count;
        }
    }

    @Test
    void whatWasTornIsCutOffWhenThePackGoesOn() throws IOException {
        writeMany(10);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 3);
            channel.write(ByteBuffer.allocate(5_000), channel.size());
        }
        try (PackWriter writer = writer()) {
            writer.end(20, 0, "later");
            writer.flush();
        }
        assertThat(Files.size(file)).isLessThan(5_000);
        assertThat(text(20, 0, Printed.STDOUT)).contains("");
        assertThat(text(9, 0, Printed.STDOUT)).contains("out of 9");
        // Nothing else opens it to write.
        incarnation = "another";
        assertThatThrownBy(this::writer).hasMessageContaining("it is the pack of another worker or run");
    }

    /** Between the end that fills an index and that index above all: the writer before lists them for good. */
    @Test
    void whereverItIsTornItGoesOn() throws IOException {
        int jobs = 64;
        writeMany(jobs);
        byte[] whole = Files.readAllBytes(file);
        for (int size = whole.length; size > whole.length - 2_500; size -= 101) {
            Files.write(file, Arrays.copyOf(whole, size));
            for (int job = 100; job < 230; job += 65) {
                try (PackWriter writer = writer()) {
                    for (int i = 0; i < 65; i++) {
                        writer.end(job + i, 0, "later");
                    }
                    writer.flush();
                }
            }
            assertThat(text(0, 0, Printed.STDOUT)).contains("out of 0");
            assertThat(ended(100)).isTrue();
            assertThat(ended(229)).isTrue();
            assertThat(landmarksFromTheEnd()).isLessThan(64 + 4);
        }
    }

    @Test
    void whatWasGivenUpIsFoundAndGoesOnInNoList() throws IOException {
        try (PackWriter writer = writer()) {
            writer.text(1, 0, Printed.STDOUT, 0, bytes("half"));
            writer.giveUp(1, 0, "a");
            writer.giveUp(2, 0, "silent");
            for (int i = 0; i < 5_000; i++) {
                writer.text(3, 0, Printed.STDOUT, i, bytes("x"));
            }
            writer.flush();
        }
        assertThat(text(1, 0, Printed.STDOUT)).contains("half");
        assertThat(ended(1)).isTrue();
        assertThat(text(2, 0, Printed.STDOUT)).isEmpty();
    }
}
