package interchange.core;

import java.util.List;

/** What is to be done outside, once the changes of the turn are durable. */
public sealed interface Effect {

    /** Answers a Hello; the first message of its session. */
    record Welcome(long link, long session, int worker, int site, List<AttemptId> kill, List<AttemptId> acknowledged)
            implements Effect {
        public Welcome {
            kill = List.copyOf(kill);
            acknowledged = List.copyOf(acknowledged);
        }
    }

    /** Answers a Hello that can't be taken. */
    record Refuse(long link, String reason, boolean tryAgain) implements Effect {}

    record Start(long session, List<AttemptId> attempts) implements Effect {
        public Start {
            attempts = List.copyOf(attempts);
        }
    }

    record Retract(long session, List<AttemptId> attempts) implements Effect {
        public Retract {
            attempts = List.copyOf(attempts);
        }
    }

    record Kill(long session, List<AttemptId> attempts) implements Effect {
        public Kill {
            attempts = List.copyOf(attempts);
        }
    }

    record Acknowledge(long session, List<AttemptId> attempts) implements Effect {
        public Acknowledge {
            attempts = List.copyOf(attempts);
        }
    }

    record AnswerHeartbeat(long session, long number) implements Effect {}

    /** Take nothing new, leave when what runs has ended. */
    record DrainWorker(long session) implements Effect {}

    /** Kill what runs, report it, leave. */
    record ShutDownWorker(long session) implements Effect {}

    /** Nothing is sent to this session any more. */
    record ForgetSession(long session) implements Effect {}

    /** @param avoid nodes that are set aside, by the batch system's names */
    record SubmitBlock(int block, int site, String token, int nodes, List<String> avoid) implements Effect {
        public SubmitBlock {
            avoid = List.copyOf(avoid);
        }
    }

    /** @param site theirs; {@link #ANY_SITE} for one that only the daemon's other parts may still know */
    record CancelBlocks(int site, List<Integer> blocks) implements Effect {
        public static final int ANY_SITE = -1;

        public CancelBlocks {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * One look at a batch system, for all its blocks.
     *
     * @param look its number, which the answer names
     */
    record PollBlocks(String batchSystem, long look, List<Integer> blocks) implements Effect {
        public PollBlocks {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * The workflow that a job has written is to be taken into its run: a {@link Event.WorkflowBrought} or {@link
     * Event.WorkflowNotBrought} answers.
     *
     * @param attempt the number of the one that has succeeded
     */
    record TakeIn(int run, int generation, int job, int attempt) implements Effect {}

    record RunEnded(int run, RunState state) implements Effect {}

    /** Something for the log, and for the user who asks. */
    record Notice(String text) implements Effect {}

    /** The daemon may exit. */
    record Stop() implements Effect {}
}
