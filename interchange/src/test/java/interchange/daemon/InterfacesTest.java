package interchange.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class InterfacesTest {
    @Test
    void interfacesAreTheirAddressesAndTheRestIsAsItIs() {
        assertThat(Interfaces.resolve(List.of("lo", "login.example.org", "10.0.0.1", "127.0.0.1")))
                .containsExactly("127.0.0.1", "login.example.org", "10.0.0.1");
        assertThat(Interfaces.resolve(List.of("l?"))).contains("127.0.0.1");
    }

    @Test
    void patternsOfWhichNoneMatchesAreSaid() {
        assertThat(Interfaces.resolve(List.of("nosuch*"))).isEmpty();
        assertThat(Interfaces.unmatched(List.of("nosuch*", "nosuch?"))).containsExactly("nosuch*", "nosuch?");
        assertThat(Interfaces.unmatched(List.of("nosuch*", "lo*")))
                .as("one of them is enough")
                .isEmpty();
        assertThat(Interfaces.unmatched(List.of("login.example.org"))).isEmpty();
    }
}
