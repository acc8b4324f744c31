package interchange.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {
    @Test
    void listsComeBackAsTheyWere() {
        List<List<String>> lists = List.of(
                List.of(),
                List.of(""),
                List.of("", ""),
                List.of("a,b", "]", "[\"", "\\\"\\", "\n\t\u0000\u001f", "é🔭"));
        for (List<String> list : lists) {
            assertThat(JsonText.strings(JsonText.ofStrings(list))).isEqualTo(list);
        }
        for (List<Integer> list : List.of(List.<Integer>of(), List.of(7), List.of(0, -1, Integer.MAX_VALUE))) {
            assertThat(JsonText.numbers(JsonText.ofNumbers(list)))
                    .containsExactly(list.stream().mapToInt(i -> i).toArray());
        }
    }

    @Test
    void whatIsWrittenIsJson() {
        assertThat(JsonText.ofStrings(List.of("say \"hi\"\n", "b\\")))
                .isEqualTo("[\"say \\\"hi\\\"\\u000a\",\"b\\\\\"]");
        assertThat(JsonText.ofNumbers(List.of(1, -2))).isEqualTo("[1,-2]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "1,2", "[1,]", "[a]", "[1", "[1 2]"})
    void damagedNumbersAreNotTaken(String text) {
        assertThatThrownBy(() -> JsonText.numbers(text)).isInstanceOf(RuntimeException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "[\"a\"", "[\"a", "[a]", "[\"\\u00\"]"})
    void damagedStringsAreNotTaken(String text) {
        assertThatThrownBy(() -> JsonText.strings(text)).isInstanceOf(RuntimeException.class);
    }
}
