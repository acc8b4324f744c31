package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.Settings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An allocation that is held already: `LocalSrunWorkQueue`. Outside of one, and on one node, it is this machine. */
record SrunClass() implements ParslSite {
    private static final Pattern OPTION = Pattern.compile("--([a-z-]+)(?:[= ]([^ -][^ ]*))?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

    /** Those of Work Queue's worker that say what it gives to jobs (memory and disk in MB), and our names for them. */
    private static final Map<String, String> RESOURCES = Map.of("cores", "cores", "memory", "memory", "disk", "disk");

    @Override
    public List<Key<?>> keys() {
        return List.of(ParslKeys.NODES_PER_BLOCK, ParslKeys.WORKER_OPTIONS);
    }

    @Override
    public List<Key<?>> required() {
        return List.of();
    }

    @Override
    public Map<String, Object> translate(Settings given, Shell shell) {
        Map<String, Object> site = new LinkedHashMap<>();
        int nodes = given.find(ParslKeys.NODES_PER_BLOCK).orElse(1);
        boolean inside = !shell.allocation().isEmpty() || given.plain().containsKey("allocation");
        boolean held = nodes > 1 || inside;
        site.put("provider", held ? "srun" : "local");
        site.put("nodesPerBlock", nodes);
        site.put("submitCommandTimeout", 300);
        given.find(ParslKeys.WORKER_OPTIONS).ifPresent(options -> takeResources(options, site, shell));
        return site;
    }

    private static void takeResources(String options, Map<String, Object> site, Shell shell) {
        Matcher option = OPTION.matcher(options);
        String rest = options;
        while (option.find()) {
            Optional<String> key = Optional.ofNullable(RESOURCES.get(option.group(1)));
            String value = String.valueOf(option.group(2));
            if (key.isPresent() && NUMBER.matcher(value).matches() && Integer.parseInt(value) > 0) {
                site.put(key.get(), Integer.parseInt(value));
                rest = rest.replace(option.group(), "");
            }
        }
        if (!rest.isBlank()) {
            shell.warning(
                    "worker_options has \"" + rest.strip()
                            + "\", which has no effect here: of Work Queue's options, --cores, --memory and --disk are followed");
        }
    }
}
