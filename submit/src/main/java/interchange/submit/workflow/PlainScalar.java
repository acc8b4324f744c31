package interchange.submit.workflow;

import com.google.protobuf.NullValue;
import com.google.protobuf.Value;
import java.util.regex.Pattern;

/**
 * What an unquoted YAML word means where nobody has said what it should be. As PyYAML sees it, since sites are moved
 * here from BPS configurations; but 1:30 stays text, where YAML 1.1 counts in sixties.
 */
final class PlainScalar {
    private static final Pattern NULL = Pattern.compile("|~|null|Null|NULL");
    private static final Pattern TRUE = Pattern.compile("true|True|TRUE|yes|Yes|YES|on|On|ON");
    private static final Pattern FALSE = Pattern.compile("false|False|FALSE|no|No|NO|off|Off|OFF");
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(0|[1-9][0-9]*)|[-+]?([0-9]+\\.[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?");

    private PlainScalar() {}

    static boolean isNull(String word) {
        return NULL.matcher(word).matches();
    }

    static Value value(String word) {
        Value.Builder value = Value.newBuilder();
        if (isNull(word)) {
            value.setNullValue(NullValue.NULL_VALUE);
        } else if (TRUE.matcher(word).matches()) {
            value.setBoolValue(true);
        } else if (FALSE.matcher(word).matches()) {
            value.setBoolValue(false);
        } else if (NUMBER.matcher(word).matches()) {
            value.setNumberValue(Double.parseDouble(word));
        } else {
            value.setStringValue(word);
        }
        return value.build();
    }
}
