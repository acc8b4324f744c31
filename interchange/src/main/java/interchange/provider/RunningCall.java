package interchange.provider;

import interchange.provider.Answer.Fate;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One command at work, on the thread that runs it. */
final class RunningCall {
    /** Between two looks at what it prints: a pipe holds 64 KiB, and a short command says little. */
    private static final long LOOK_MIN_MILLIS = 1;

    private static final long LOOK_MAX_MILLIS = 20;

    private final Process process;
    private final BoundedOutput stdout;
    private final BoundedOutput stderr;

    private RunningCall(Process process) {
        this.process = process;
        this.stdout = new BoundedOutput(process.getInputStream());
        this.stderr = new BoundedOutput(process.getErrorStream());
    }

    /** Runs it to its end, or until its time is over, or the thread is interrupted. */
    static Answer run(Call call) {
        Process process;
        try {
            ProcessBuilder builder = new ProcessBuilder(call.argv());
            builder.environment().putAll(call.environment());
            process = builder.start();
        } catch (IOException e) {
            return new Answer(-1, "", String.valueOf(e.getMessage()), Fate.NOT_STARTED);
        }
        RunningCall running = new RunningCall(process);
        try {
            running.feed(call.stdin());
            return running.await(call.timeout());
        } catch (RuntimeException | Error e) {
            running.kill();
            throw e;
        }
    }

    /** On a thread of its own: a command that does not read would hold us up before its timeout begins. */
    private void feed(String stdin) {
        Thread.ofPlatform().daemon().name("batch-stdin").start(() -> {
            try (OutputStream pipe = process.getOutputStream()) {
                pipe.write(stdin.getBytes(StandardCharsets.UTF_8));
            } catch (IOException ended) {
                // It did not want to read all: its answer says what it made of it.
            }
        });
    }

    private Answer await(Duration timeout) {
        boolean ended;
        String reason = "no end after " + timeout.toSeconds() + " s";
        try {
            ended = readUntilEnd(System.nanoTime() + timeout.toNanos());
        } catch (InterruptedException e) {
            ended = false;
            reason = "the daemon is stopping";
        }
        if (!ended) {
            kill();
        }
        take();
        String out = stdout.text();
        String err = stderr.text();
        if (tooLong()) {
            String limit = "it printed more than " + BoundedOutput.BYTES_MAX + " bytes";
            return new Answer(-1, out, joined(limit, err), Fate.TOO_LONG);
        }
        if (!ended) {
            return new Answer(-1, out, joined(reason, err), Fate.TIMED_OUT);
        }
        return new Answer(process.exitValue(), out, err, Fate.ENDED);
    }

    /** False: its time was over, or it printed too much. */
    private boolean readUntilEnd(long deadlineNanos) throws InterruptedException {
        long millis = LOOK_MIN_MILLIS;
        while (System.nanoTime() < deadlineNanos && !tooLong()) {
            if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                return true;
            }
            millis = take() ? LOOK_MIN_MILLIS : Math.min(2 * millis, LOOK_MAX_MILLIS);
        }
        return false;
    }

    private boolean take() {
        return stdout.take() | stderr.take();
    }

    private boolean tooLong() {
        return stdout.tooLong() || stderr.tooLong();
    }

    private static String joined(String reason, String words) {
        return words.isBlank() ? reason : reason + ": " + words;
    }

    /** Its children first: once it is gone, nobody knows whose they are. */
    private void kill() {
        List<ProcessHandle> tree;
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            tree = descendants.toList();
        }
        process.destroyForcibly();
        tree.forEach(ProcessHandle::destroyForcibly);
    }
}
