package interchange.workflow;

import interchange.site.SiteConfig;
import java.util.Optional;

/** Finds the sites that jobs name; asked once for each name, on the loader's thread. */
@FunctionalInterface
public interface SiteResolver {

    /** Empty: there is no such site. */
    Optional<RunSite> find(String name);

    /**
     * A site that jobs of this run may use.
     *
     * @param index in the journal, as in {@code JobSpec} and {@code Shape}
     */
    record RunSite(int index, SiteConfig config) {}
}
