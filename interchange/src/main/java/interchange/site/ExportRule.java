package interchange.site;

import interchange.settings.TextList;
import interchange.settings.ValueType;
import interchange.settings.YesNo;
import java.util.List;
import java.util.Optional;

/**
 * Which variables of the submitting shell jobs see; the client acts on it.
 *
 * @param all all that do not belong to the node or the login
 * @param names else these alone
 */
public record ExportRule(boolean all, List<String> names) {
    public ExportRule {
        names = List.copyOf(names);
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
