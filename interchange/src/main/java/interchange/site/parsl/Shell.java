package interchange.site.parsl;

import java.util.List;

/**
 * Where a section comes from, and where what is said of it goes.
 *
 * @param subject what problems and warnings begin with
 * @param architecture of the submitting machine, as `uname -m` says it
 * @param allocation the Slurm job that the submitting shell is in; empty: none
 * @param problems receives what makes the site impossible
 * @param warnings receives what the user should know
 */
public record Shell(
        String subject, String architecture, String allocation, List<String> problems, List<String> warnings) {
    void problem(String text) {
        problems.add(subject + ": " + text);
    }

    void warning(String text) {
        warnings.add(subject + ": " + text);
    }
}
