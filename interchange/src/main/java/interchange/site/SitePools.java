package interchange.site;

import java.util.List;

/**
 * What one section describes: a site, or several that differ in their blocks.
 *
 * @param name of the section, by which jobs name it
 * @param smallestFirst the sites; one that is called as the section, or its pools, called NAME.POOL
 * @param warnings what the user should know about the section
 */
public record SitePools(String name, List<SiteConfig> smallestFirst, List<String> warnings) {
    public SitePools {
        smallestFirst = List.copyOf(smallestFirst);
        warnings = List.copyOf(warnings);
    }

    /** A site of one shape. */
    public static SitePools of(SiteConfig site) {
        return new SitePools(site.name(), List.of(site), List.of());
    }
}
