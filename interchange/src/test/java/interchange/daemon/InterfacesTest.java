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
        assertThat(Interfaces.unmatched(List.of("localhost", "10.0.0.1", "lo"))).isEmpty();
    }

    @Test
    void nameOfNothingIsToldOfAndLeavesAllAddressesIfThereIsNoOther() {
        assertThat(Interfaces.unmatched(List.of("ibx9", "lo"))).containsExactly("ibx9");
        assertThat(Interfaces.usable(List.of("ibx9"))).isEmpty();
        assertThat(Interfaces.usable(List.of("ibx9", "nosuch*"))).isEmpty();
        assertThat(Interfaces.usable(List.of("ibx9", "10.0.0.1"))).contains("10.0.0.1");
    }
}
