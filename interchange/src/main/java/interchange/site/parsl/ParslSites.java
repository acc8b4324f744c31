package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.KeyTable;
import interchange.settings.NearMiss;
import interchange.settings.Settings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The site classes of the Parsl plugin by name. */
public final class ParslSites {
    private static final String PACKAGE = "lsst.ctrl.bps.parsl.sites.";

    /** By their names within the package, of which the last part is enough. */
    private static final Map<String, ParslSite> CLASSES = Map.of(
            "local.Local", new LocalClass(),
            "slurm.Slurm", new SlurmClass(SlurmDefaults.NONE, List.of()),
            "slurm.TripleSlurm", new TripleSlurmClass(SlurmDefaults.NONE),
            "torque.Torque", new TorqueClass(),
            "work_queue.LocalSrunWorkQueue", new SrunClass(),
            "ccin2p3.Ccin2p3", new Ccin2p3Class(),
            "nersc.CoriKnl", new TripleSlurmClass(SlurmDefaults.CORI_KNL),
            "princeton.Tiger",
                    new SlurmClass(SlurmDefaults.TIGER, List.of(ParslKeys.MAX_BLOCKS, ParslKeys.CMD_TIMEOUT)),
            "slac.Sdf", new SlurmClass(SlurmDefaults.SDF, List.of(ParslKeys.MAX_BLOCKS)));

    private ParslSites() {}

    /** Such as {@code Slurm}. */
    public static List<String> shortNames() {
        return CLASSES.keySet().stream()
                .map(name -> name.substring(name.indexOf('.') + 1))
                .sorted()
                .toList();
    }

    /**
     * Says a section in native keys.
     *
     * @param shell receives all that is wrong; then the result is of no use
     * @param beside native keys that may stand beside those of the class, and win
     */
    public static Map<String, Object> translate(
            String className, Map<String, ?> section, List<Key<?>> beside, Shell shell) {
        Optional<ParslSite> known = find(className);
        if (known.isEmpty()) {
            shell.problem(unknown(className, beside));
            return Map.of();
        }
        ParslSite site = known.get();
        Settings given = table(site, beside).read(shell.subject(), section, shell.problems());
        for (Key<?> key : site.required()) {
            if (!given.has(key) && section.get(key.name()) == null) {
                shell.problem(key.name() + " is missing, which the class " + className + " needs");
            }
        }
        return withNative(site, given, beside, shell);
    }

    private static Map<String, Object> withNative(ParslSite site, Settings given, List<Key<?>> beside, Shell shell) {
        for (Key<?> key : ParslKeys.WITHOUT_EFFECT) {
            if (given.has(key)) {
                shell.warning(key.name() + " has no effect here: it belongs to Parsl's own machinery");
            }
        }
        Map<String, Object> translated = new LinkedHashMap<>();
        translated.put("retries", 1);
        translated.putAll(site.translate(given, shell));
        Map<String, Object> plain = given.plain();
        for (Key<?> key : beside) {
            if (plain.containsKey(key.name()) && !site.keys().contains(key)) {
                putBeside(key.name(), plain.get(key.name()), translated);
            }
        }
        return translated;
    }

    /** What the class sets up comes before what the user says, and stays. */
    private static void putBeside(String name, Object value, Map<String, Object> translated) {
        if (name.equals("commandPrefix") && translated.get(name) instanceof String first) {
            translated.put(name, first + "\n" + value);
        } else {
            translated.put(name, value);
        }
    }

    private static KeyTable table(ParslSite site, List<Key<?>> beside) {
        List<Key<?>> keys = new ArrayList<>(site.keys());
        keys.add(ParslKeys.CLASS);
        keys.addAll(ParslKeys.WITHOUT_EFFECT);
        keys.addAll(beside);
        return new KeyTable(keys);
    }

    private static Optional<ParslSite> find(String className) {
        return CLASSES.entrySet().stream()
                .filter(entry ->
                        className.equals(PACKAGE + entry.getKey()) || className.equals(shortName(entry.getKey())))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static String shortName(String name) {
        return PACKAGE + name.substring(name.indexOf('.') + 1);
    }

    private static String unknown(String className, List<Key<?>> beside) {
        List<String> known =
                CLASSES.keySet().stream().map(name -> PACKAGE + name).sorted().toList();
        List<String> names = new ArrayList<>(known);
        known.forEach(name -> names.add(shortName(name.substring(PACKAGE.length()))));
        Optional<String> near =
                className.startsWith("lsst.ctrl.bps.parsl.") ? NearMiss.of(className, names) : Optional.empty();
        if (near.isPresent()) {
            return "there is no class " + className + "; did you mean '" + near.get() + "'?";
        }
        List<String> keys = new ArrayList<>(NATIVE);
        beside.stream().map(Key::name).filter(name -> !name.equals("name")).forEach(keys::add);
        return "the class " + className + " can't be run here, since it is Python; known classes: "
                + String.join(", ", known) + ". Say what it asks of the batch system by native keys instead: "
                + String.join(", ", keys) + " (docs/sites.md)";
    }

    private static final List<String> NATIVE = List.of(
            "provider",
            "nodesPerBlock",
            "cores",
            "memory",
            "walltime",
            "queue",
            "partition",
            "account",
            "qos",
            "constraint",
            "exclusive",
            "singleton",
            "schedulerOptions",
            "pools");
}
