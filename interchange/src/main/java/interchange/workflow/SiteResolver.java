package interchange.workflow;

import interchange.settings.InvalidSettingsException;
import interchange.site.SiteConfig;
import java.util.List;

/** Finds the sites that jobs name; asked once for each name, on the loader's thread. */
@FunctionalInterface
public interface SiteResolver {

    /**
     * The sites behind a name: one, or one for each of its pools, the smallest first. Empty: there is no such site.
     *
     * @throws InvalidSettingsException if it can't be used by this submission
     */
    List<RunSite> find(String name) throws InvalidSettingsException;

    /**
     * A site that jobs of this run may use.
     *
     * @param index in the journal, as in {@code JobSpec} and {@code Shape}
     */
    record RunSite(int index, SiteConfig config) {}
}
