package interchange.journal;

import interchange.core.Recovered;
import interchange.core.Site;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** The sites of a journal; one that can't be made of its settings troubles only those that name it. */
final class StoredSites {
    private final List<Recovered.SiteRecord> usable = new ArrayList<>();
    private final Map<Integer, Site> sites = new HashMap<>();
    private final Map<Integer, RuntimeException> causes = new HashMap<>();

    private StoredSites() {}

    static StoredSites of(Connection connection, BiFunction<Integer, String, Site> makeSite) throws SQLException {
        StoredSites stored = new StoredSites();
        Rows.each(
                connection,
                "SELECT id, settings, failures_in_a_row, broken FROM site ORDER BY id",
                row -> stored.add(row.getInt(1), row.getString(2), row.getInt(3), row.getString(4), makeSite));
        return stored;
    }

    private void add(int index, String settings, int failures, String broken, BiFunction<Integer, String, Site> make) {
        try {
            Site site = make.apply(index, settings);
            sites.put(index, site);
            usable.add(new Recovered.SiteRecord(site, failures, broken));
        } catch (RuntimeException e) {
            causes.put(index, e);
        }
    }

    List<Recovered.SiteRecord> usable() {
        return usable;
    }

    boolean isUsable(int index) {
        return sites.containsKey(index);
    }

    Site get(int index) {
        Site site = sites.get(index);
        if (site == null) {
            throw new IllegalStateException("site " + index + " of the journal can't be used", causes.get(index));
        }
        return site;
    }
}
