package interchange.journal;

import interchange.core.AttemptEnd;
import interchange.core.JobEnd;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that commits without end and says each transaction's number once it is done; made to be killed. */
public final class CommittingProcess {
    static final int RUN = 1;
    static final int ATTEMPTS = 40;

    private CommittingProcess() {}

    /** Arguments: the home, and the number of the first transaction. */
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        int first = Integer.parseInt(arguments[1]);
        try (SqliteJournal journal = Samples.open(home);
                FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
            for (int number = first; ; number++) {
                journal.commit(transaction(number));
                out.write(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
            }
        }
    }

    /** Job n ends with some attempts; now and then a submission begins, too. */
    private static List<Write> transaction(int number) {
        List<Write> writes = new ArrayList<>();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            writes.add(Samples.assigned(RUN, number, attempt, 0, 1));
            writes.add(Samples.ended(RUN, number, attempt, AttemptEnd.FAILED, 1, 0));
        }
        writes.add(Samples.jobEnded(RUN, number, JobEnd.SUCCEEDED));
        if (number % 10 == 0) {
            List<JobSpec> jobs = new ArrayList<>();
            for (int job = 0; job < 500; job++) {
                jobs.add(Samples.job(job, "label"));
            }
            writes.add(new Write.RunStaged(Samples.header(100 + number, 1_000)));
            writes.add(new Write.JobsStaged(100 + number, jobs));
        }
        return writes;
    }
}
