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
    /** How long what it printed is waited for after its end: something it left behind may hold the pipe open. */
    private static final Duration PIPE_GRACE = Duration.ofSeconds(2);

    private final Process process;
    private final BoundedOutput stdout;
    private final BoundedOutput stderr;

    private RunningCall(Process process) {
        this.process = process;
        this.stdout = BoundedOutput.read(process.getInputStream(), this::kill);
        this.stderr = BoundedOutput.read(process.getErrorStream(), this::kill);
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
        running.feed(call.stdin());
        return running.await(call.timeout());
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
            ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            ended = false;
            reason = "the daemon is stopping";
        }
        if (!ended) {
            kill();
        }
        // Both are read from now on until the pipes are closed, by them or by us.
        String out = stdout.text(PIPE_GRACE);
        String err = stderr.text(PIPE_GRACE);
        if (!ended) {
            return new Answer(-1, out, joined(reason, err), Fate.TIMED_OUT);
        }
        if (stdout.tooLong() || stderr.tooLong()) {
            String limit = "it printed more than " + BoundedOutput.BYTES_MAX + " bytes";
            return new Answer(-1, out, joined(limit, err), Fate.TOO_LONG);
        }
        return new Answer(process.exitValue(), out, err, Fate.ENDED);
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
