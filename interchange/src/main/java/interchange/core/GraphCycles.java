package interchange.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds a circle that people can be shown. */
final class GraphCycles {
    private GraphCycles() {}

    /**
     * One circle, each job followed by one that needs it, beginning with its lowest index.
     *
     * @param waitsFor positive for jobs of which some child is positive too; there is one such job at least
     */
    static List<Integer> oneAmong(int[] waitsFor, int[] childOffsets, int[] children) {
        int[] steps = new int[waitsFor.length];
        Arrays.fill(steps, -1);
        List<Integer> path = new ArrayList<>();
        int job = firstWaiting(waitsFor);
        while (steps[job] < 0) {
            steps[job] = path.size();
            path.add(job);
            job = waitingChild(job, waitsFor, childOffsets, children);
        }
        return lowestFirst(path.subList(steps[job], path.size()));
    }

    private static int firstWaiting(int[] waitsFor) {
        for (int job = 0; job < waitsFor.length; job++) {
            if (waitsFor[job] > 0) {
                return job;
            }
        }
        throw new IllegalArgumentException("no job is left in a circle");
    }

    private static int waitingChild(int job, int[] waitsFor, int[] childOffsets, int[] children) {
        for (int i = childOffsets[job]; i < childOffsets[job + 1]; i++) {
            if (waitsFor[children[i]] > 0) {
                return children[i];
            }
        }
        throw new IllegalArgumentException("job " + job + " waits for no child");
    }

    private static List<Integer> lowestFirst(List<Integer> circle) {
        int lowest = 0;
        for (int i = 1; i < circle.size(); i++) {
            if (circle.get(i) < circle.get(lowest)) {
                lowest = i;
            }
        }
        List<Integer> turned = new ArrayList<>(circle.subList(lowest, circle.size()));
        turned.addAll(circle.subList(0, lowest));
        return turned;
    }
}
