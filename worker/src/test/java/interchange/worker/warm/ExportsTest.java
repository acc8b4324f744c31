package interchange.worker.warm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExportsTest {
    @Test
    void aVeryLongValueIsNoTrouble() {
        String value = ("/some/where/" + "x".repeat(500) + ":").repeat(2_000) + "\\$";
        Exports exports = Exports.of("export PYTHONPATH=\"" + value + "\"\ntool");
        assertThat(exports.early()).contains(value);
        String escapes = "\\\"".repeat(500_000);
        assertThat(Exports.of("export A=\"" + escapes + "\"\ntool").early()).contains(escapes);
    }
}
