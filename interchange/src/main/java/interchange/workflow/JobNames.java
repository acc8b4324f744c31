package interchange.workflow;

import interchange.core.IntList;
import java.util.Arrays;

/** Which job has which name, for jobs that were read and names that were needed before they came. */
final class JobNames {
    static final int NO_JOB = -1;
    private static final int INITIAL = 1 << 10;

    private final NameTable names = new NameTable();
    /** By name: the first job that has it, or {@link #NO_JOB}. */
    private int[] jobs = filled(new int[INITIAL], 0);

    private final IntList nameOfJob = new IntList();

    /** Gives the next job its name; returns the first job of that name, which is itself unless it is taken. */
    int define(String name, int job) {
        int id = idOf(name);
        nameOfJob.add(id);
        if (jobs[id] == NO_JOB) {
            jobs[id] = job;
        }
        return jobs[id];
    }

    /** The number of a name, be there a job of it or not. */
    int idOf(String name) {
        int id = names.idOf(name);
        if (id >= jobs.length) {
            int old = jobs.length;
            jobs = filled(Arrays.copyOf(jobs, Math.max(id + 1, old * 2)), old);
        }
        return id;
    }

    String name(int id) {
        return names.name(id);
    }

    String nameOf(int job) {
        return names.name(nameOfJob.get(job));
    }

    int jobOf(int id) {
        return jobs[id];
    }

    /** Whether this name was ever given to this job. */
    boolean is(int job, String name) {
        return job < nameOfJob.size() && nameOfJob.get(job) == idOf(name);
    }

    private static int[] filled(int[] array, int from) {
        Arrays.fill(array, from, array.length, NO_JOB);
        return array;
    }
}
