package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** This machine: `Local`. */
record LocalClass() implements ParslSite {
    @Override
    public List<Key<?>> keys() {
        return List.of(ParslKeys.CORES);
    }

    @Override
    public List<Key<?>> required() {
        return List.of(ParslKeys.CORES);
    }

    @Override
    public Map<String, Object> translate(Settings given, Shell shell) {
        Map<String, Object> site = new LinkedHashMap<>();
        site.put("provider", "local");
        site.put("initBlocks", 1);
        ParslKeys.put(site, "cores", given, ParslKeys.CORES);
        return site;
    }
}
