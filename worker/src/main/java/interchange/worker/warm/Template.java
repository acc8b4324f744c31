package interchange.worker.warm;

import interchange.worker.process.Ended;
import interchange.worker.process.JobProcess;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** One template from its start to its end, as the worker sees it. */
final class Template {
    /** It answers within some milliseconds; one that hangs holds up the loop, and once only. */
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final int REASON_MAX = 500;
    private static final String MORE = " more";

    private final JobProcess process;
    private final Line line;
    private final Path errors;
    private final long startedNanos;
    private Stage stage = new Stage.Starting();
    private long memoryKiB;
    private long usedNanos;
    private boolean brokeOff;

    /** How far it has come. */
    sealed interface Stage {
        record Starting() implements Stage {}

        record Ready() implements Stage {}

        /** It was ready and will be again, or else be over. */
        record Busy(long sinceNanos) implements Stage {}

        /** No job can be made of it any more. */
        record Over(String why, Another another) implements Stage {}
    }

    /** Whether another template of the kind would do better than one that is over. */
    enum Another {
        /** It has said so. */
        AT_ONCE,
        /** It can't be known: it has failed. */
        PERHAPS,
        /** It was ended for lack of use. */
        WHEN_NEEDED,
        /** No fork could be like a fresh process. */
        NO
    }

    /** What it makes of a job. */
    sealed interface Answer {
        /** @param more whether a new template would import more ahead */
        record Forked(int pid, boolean more) implements Answer {}

        /** This job can't be started warm. */
        record Cold(String why) implements Answer {}

        /** Nor can any other: the stage says why. */
        record None() implements Answer {}
    }

    /** @param errors what it prints on standard error goes there */
    Template(JobProcess process, Line line, Path errors, long nanos) {
        this.process = process;
        this.line = line;
        this.errors = errors;
        startedNanos = nanos;
        usedNanos = nanos;
    }

    JobProcess process() {
        return process;
    }

    long startedNanos() {
        return startedNanos;
    }

    /** When it was last asked for a job. */
    long usedNanos() {
        return usedNanos;
    }

    /** What it had in memory once it was ready; 0: it is not. */
    long memoryKiB() {
        return memoryKiB;
    }

    boolean isReady() {
        return stage instanceof Stage.Ready;
    }

    boolean isBusy() {
        return stage instanceof Stage.Busy;
    }

    /** Since when it has not been ready, being made or busy. */
    Optional<Long> waitedForSinceNanos() {
        return switch (stage) {
            case Stage.Starting _ -> Optional.of(startedNanos);
            case Stage.Busy busy -> Optional.of(busy.sinceNanos());
            case Stage.Ready _, Stage.Over _ -> Optional.empty();
        };
    }

    /** Whether it is over, if it is, without a word of its own or of ours. */
    boolean brokeOff() {
        return brokeOff || over().isEmpty();
    }

    /** Why it is over, if it is. */
    Optional<Stage.Over> over() {
        return stage instanceof Stage.Over over ? Optional.of(over) : Optional.empty();
    }

    /** Hears what it has said by itself. */
    void look() {
        if (waitedForSinceNanos().isPresent()) {
            hear(0).ifPresent(this::onWord);
        }
    }

    private Optional<Word> hear(long nanos) {
        try {
            Optional<Word> word = line.hear(nanos).map(Word::parse);
            if (word.isEmpty() && line.isOver()) {
                brokeOff |= over().isEmpty();
                end("it has ended" + words(), Another.PERHAPS);
            }
            return word;
        } catch (IOException e) {
            brokeOff |= over().isEmpty();
            end("its connection is broken: " + e.getMessage(), Another.PERHAPS);
            return Optional.empty();
        }
    }

    private void onWord(Word word) {
        switch (word.name()) {
            case "ready" -> {
                memoryKiB = word.number().orElse(0L);
                stage = new Stage.Ready();
            }
            case "cold" -> end(word.text(), Another.NO);
            case "again" -> end(word.text(), Another.AT_ONCE);
            case "changed" -> end(word.text() + " has changed", Another.AT_ONCE);
            default -> end("it began with '" + word.name() + "'", Another.PERHAPS);
        }
    }

    /** Asks for a fork that is a job, and waits for its go. */
    Answer ask(String job, long nanos) {
        usedNanos = nanos;
        return askFor(job, nanos);
    }

    /** Asks for one that takes the place of this, which is no use of it. */
    Answer askForSuccessor(String order, long nanos) {
        return askFor(order, nanos);
    }

    private Answer askFor(String fork, long nanos) {
        try {
            line.say(fork, ANSWER_NANOS);
        } catch (IOException e) {
            breaksOff(e);
            // It may have said why before it closed its end.
            return said(hear(0).orElseGet(() -> new Word("gone", String.valueOf(e.getMessage()))), nanos);
        }
        return hear(ANSWER_NANOS).map(word -> said(word, nanos)).orElseGet(() -> {
            end("it did not answer for " + TimeUnit.NANOSECONDS.toSeconds(ANSWER_NANOS) + " s", Another.PERHAPS);
            return new Answer.None();
        });
    }

    private Answer said(Word word, long askedNanos) {
        Optional<Long> number = word.number();
        if (word.name().equals("pid") && number.isPresent()) {
            return new Answer.Forked(number.get().intValue(), word.text().endsWith(MORE));
        }
        if (word.name().equals("cold")) {
            return new Answer.Cold(word.text());
        }
        if (word.name().equals("busy")) {
            stage = new Stage.Busy(askedNanos);
            return new Answer.Cold(word.text());
        }
        boolean changed = word.name().equals("changed");
        end(
                changed ? word.text() + " has changed" : word.name() + " " + word.text(),
                changed ? Another.AT_ONCE : Another.PERHAPS);
        return new Answer.None();
    }

    /** One that reads nothing for long is ended by us. */
    private void breaksOff(IOException e) {
        brokeOff |= over().isEmpty() && !(e instanceof InterruptedIOException);
    }

    /** False: the fork can't be told, and won't run. */
    boolean go() {
        try {
            line.say("\"go\"", ANSWER_NANOS);
            return true;
        } catch (IOException e) {
            breaksOff(e);
            end("a fork could not be told to go: " + e.getMessage(), Another.PERHAPS);
            return false;
        }
    }

    /** Its process has ended. */
    void ended(Ended end) {
        look();
        if (end.exitCode() == StartText.EXIT_COLD) {
            end(words().replaceFirst("^: cold: ", ""), Another.NO);
        }
        end(
                "it has ended with " + (end.signal() != 0 ? "signal " + end.signal() : "code " + end.exitCode())
                        + words(),
                Another.PERHAPS);
    }

    /** What the last line says that it printed. */
    private String words() {
        try {
            List<String> lines = Files.readAllLines(errors);
            String last = lines.isEmpty() ? "" : lines.getLast();
            return last.isBlank() ? "" : ": " + last.substring(0, Math.min(last.length(), REASON_MAX));
        } catch (IOException e) {
            return "";
        }
    }

    /** The first reason stands. No fork of it that has not heard its go will hear it. */
    void end(String why, Another another) {
        if (over().isEmpty()) {
            stage = new Stage.Over(why, another);
            line.close();
        }
    }

    /** What it says: a word, and what belongs to it. */
    private record Word(String name, String text) {
        static Word parse(String line) {
            int blank = line.indexOf(' ');
            return blank < 0 ? new Word(line, "") : new Word(line.substring(0, blank), line.substring(blank + 1));
        }

        Optional<Long> number() {
            try {
                return Optional.of(Long.parseLong(text.replace(MORE, "")));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }
}
