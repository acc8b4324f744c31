package interchange.settings;

import interchange.shared.Walltimes;
import java.time.Duration;
import java.util.Optional;

/** How long a block or a job may take. */
public record Walltime() implements ValueType<Duration> {
    @Override
    public Optional<Duration> read(Object value) {
        return Walltimes.read(value);
    }

    @Override
    public Object plain(Duration value) {
        return text(value);
    }

    /** As D-HH:MM:SS, or HH:MM:SS below a day. */
    public static String text(Duration value) {
        String days = value.toDays() == 0 ? "" : value.toDays() + "-";
        return days + "%02d:%02d:%02d".formatted(value.toHoursPart(), value.toMinutesPart(), value.toSecondsPart());
    }

    @Override
    public String unit() {
        return "min";
    }

    @Override
    public String allowed() {
        return Walltimes.ALLOWED;
    }
}
