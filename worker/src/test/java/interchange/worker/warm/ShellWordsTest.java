package interchange.worker.warm;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.worker.warm.ShellWords.Reading.NotSimple;
import interchange.worker.warm.ShellWords.Reading.Simple;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pipetask",
                "pipetask run -b /repo/butler.yaml --qgraph-node-id 1a-2b,3c",
                "/opt/bin/pipetask a=b x:y @z %w +v",
                "pipetask a#b"
            })
    void whatHasNothingForAShellIsPlain(String command) {
        assertThat(ShellWords.read(command)).isEqualTo(new Simple(command.split(" ")[0], true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pipetask '; rm -rf $(x) `y`'",
                "pipetask \"a > b; c && d | e\"",
                "pipetask \"\\$(not) \\` \\\"\"",
                "pipetask \\; \\| \\$x",
                "pipetask $HOME ${REPO}/butler.yaml \"$A and ${B}\"",
                "pipetask *.fits a{b,c} ~/x [ab] wh?",
                "pipetask 'a\nb'",
                "pipetask a'b'\"c\"\\d"
            })
    void whatOnlyNeedsItsWordsToldIsSimple(String command) {
        assertThat(ShellWords.read(command)).isEqualTo(new Simple("pipetask", false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a; b",
                "a & b",
                "a && b",
                "a | b",
                "a > b",
                "a 2>&1",
                "a < b",
                "a $(b)",
                "a `b`",
                "a \"$(b)\"",
                "a \"`b`\"",
                "a\nb",
                "a \\\nb",
                "(a)",
                "a=1 b",
                "a[1]=2 b",
                "a+=1 b",
                "a # b",
                "a 'b",
                "a \"b",
                "a b\\",
                "a ${b:=c}",
                "a ${b:-c}",
                "a ${#b}",
                "a ${!b}",
                "a ${b",
                "a $1",
                "a $@",
                "a $$",
                "a $?",
                "a $'b'",
                "a $\"b\"",
                "a $((1))",
                "a $[1]",
                "a $RANDOM",
                "a ${BASHPID}",
                "a $PWD",
                "a b$",
                "a <(b)"
            })
    void allElseIsNot(String command) {
        assertThat(ShellWords.read(command)).isInstanceOf(NotSimple.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pipetask run", "/x/pipetask run", "${MPEXEC}/bin/pipetask run", "\"$X/bin/pipetask\" run"})
    void aScriptOfTheListIsKnownByTheLastPartOfItsPath(String command) {
        assertThat(Recognized.of(List.of("/bin/bash", "-c", command), "", List.of("pipetask")))
                .isInstanceOf(Recognized.Script.class);
        assertThat(Recognized.of(List.of("/bin/bash", "-c", command), "", List.of("butler")))
                .isInstanceOf(Recognized.Other.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"set up; pipetask run", "set up\npipetask run\n  "})
    void thePrefixOfTheSiteIsTakenOff(String command) {
        Recognized recognized = Recognized.of(List.of("/bin/bash", "-c", command), "set up", List.of("pipetask"));

        if (command.contains(";")) {
            assertThat(recognized).isInstanceOf(Recognized.Other.class);
        } else {
            Recognized.Script script = (Recognized.Script) recognized;
            assertThat(script.prefix()).isEqualTo("set up\n");
            assertThat(script.words().orElseThrow()).containsExactly("pipetask", "run");
        }
    }
}
