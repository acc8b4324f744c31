package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.Settings;
import java.util.List;
import java.util.Map;

/** One site class: its keys, and what they mean in native ones. */
interface ParslSite {

    /** Those of its own, beside the ones that all classes have. */
    List<Key<?>> keys();

    /** Of {@link #keys}, those without which it does not know what to ask for. */
    List<Key<?>> required();

    /** The same site in native keys; each value is right by itself and all required ones are there. */
    Map<String, Object> translate(Settings given, Shell shell);

    /**
     * Where the submission comes from.
     *
     * @param architecture as `uname -m` says it
     * @param allocation the Slurm job that the submitting shell is in; empty: none
     * @param problems receives what makes the site impossible
     * @param warnings receives what the user should know
     */
    record Shell(String subject, String architecture, String allocation, List<String> problems, List<String> warnings) {
        void problem(String text) {
            problems.add(subject + ": " + text);
        }

        void warning(String text) {
            warnings.add(subject + ": " + text);
        }
    }
}
