package interchange.site;

import interchange.settings.TextList;
import interchange.settings.ValueType;
import interchange.settings.YesNo;
import interchange.shared.LoginEnvironment;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which variables of the submitting shell jobs see.
 *
 * @param all all that do not belong to the node or the login
 * @param names else these, even of the login, and what no program does without
 */
public record ExportRule(boolean all, List<String> names) {
    static final ExportRule ALL = new ExportRule(true, List.of());

    /** The umask is no variable of the user's: it is how the submitting shell's comes here. */
    static final Set<String> INDISPENSABLE =
            Set.of("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "INTERCHANGE_UMASK");

    public ExportRule {
        names = List.copyOf(names);
    }

    /** The strictest of several, since the jobs of a run share what its shell gave: what each of them lets through. */
    public static ExportRule strictest(Collection<ExportRule> rules) {
        return rules.stream().reduce(ALL, ExportRule::and);
    }

    private ExportRule and(ExportRule other) {
        if (all) {
            return other;
        }
        return other.all
                ? this
                : new ExportRule(
                        false, names.stream().filter(other.names::contains).toList());
    }

    /** What of an environment jobs see. */
    public Map<String, String> apply(Map<String, String> environment) {
        if (all) {
            return LoginEnvironment.without(environment);
        }
        Map<String, String> kept = LoginEnvironment.withoutOurs(environment);
        kept.keySet().removeIf(name -> !INDISPENSABLE.contains(name) && !names.contains(name));
        return kept;
    }

    /** True, false, or a list of names. */
    record Type() implements ValueType<ExportRule> {
        private static final TextList NAMES = new TextList("variable names");

        @Override
        public Optional<ExportRule> read(Object value) {
            Optional<Boolean> all = new YesNo().read(value);
            if (all.isPresent()) {
                return Optional.of(new ExportRule(all.get(), List.of()));
            }
            return NAMES.read(value)
                    .filter(names -> names.stream().allMatch(name -> name.matches("[A-Za-z_][A-Za-z0-9_]*")))
                    .map(names -> new ExportRule(false, names));
        }

        @Override
        public Object plain(ExportRule value) {
            return value.names.isEmpty() ? value.all : value.names;
        }

        @Override
        public String allowed() {
            return "true, false, or " + NAMES.allowed();
        }
    }
}
