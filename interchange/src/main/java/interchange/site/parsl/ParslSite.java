package interchange.site.parsl;

import interchange.settings.Key;
import interchange.settings.Settings;
import java.util.List;
import java.util.Map;

/** One site class: its keys, and what they mean in native ones. */
interface ParslSite {

    /** Those of its own, beside the ones that all classes have. */
    List<Key<?>> keys();

    /** Of {@link #keys}, those without which it does not know what to ask for. */
    List<Key<?>> required();

    /** The same site in native keys; each value is right by itself and all required ones are there. */
    Map<String, Object> translate(Settings given, Shell shell);
}
