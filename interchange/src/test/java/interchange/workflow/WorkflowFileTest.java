package interchange.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import interchange.proto.workflow.Header;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkflowFileTest {
    @TempDir
    private Path directory = Path.of("");

    private List<String> problemsOf(String content) throws Exception {
        Path file = Files.writeString(directory.resolve("w"), content);
        WorkflowException refusal = catchThrowableOfType(WorkflowException.class, () -> WorkflowFile.readHeader(file));
        assertThat(refusal).as("a refusal").isNotNull();
        return refusal.problems().stream()
                .map(problem -> problem.replace(file.toString(), "w"))
                .toList();
    }

    @Test
    void headerIsReadWithItsSites() throws Exception {
        Path file = Files.writeString(directory.resolve("w"), """
                {"header":{"format":1,"submission":"u","name":"n","submit_directory":"/s","site":"x","sites":{"x":{"provider":"local"}}}}
                not looked at
                """);

        Header header = WorkflowFile.readHeader(file);

        assertThat(header.getSubmitDirectory()).isEqualTo("/s");
        assertThat(header.getSitesOrThrow("x").getFieldsOrThrow("provider").getStringValue())
                .isEqualTo("local");
    }

    @Test
    void emptyFileIsSaidToBeEmpty() throws Exception {
        assertThat(problemsOf("")).containsExactly("w: is empty; write it again");
    }

    @Test
    void newerFormatIsRefusedWithTheNextStepEvenIfItHasFieldsUnknownToUs() throws Exception {
        assertThat(problemsOf("{\"header\":{\"format\":9,\"future\":true}}\n"))
                .containsExactly(
                        "w:1: is of format 9, but this daemon knows formats up to 1; update interchange and start"
                                + " the daemon again");
    }

    @Test
    void everyMissingFieldIsNamed() throws Exception {
        assertThat(problemsOf("{\"header\":{\"submitDirectory\":\"relative\"}}\n"))
                .containsExactly(
                        "w:1: header.format is 0; allowed: 1 to 1",
                        "w:1: header.submission is missing",
                        "w:1: header.name is missing",
                        "w:1: header.submitDirectory is 'relative', which is not absolute");
    }

    @Test
    void unknownFieldOfTheHeaderIsNamed() throws Exception {
        assertThat(problemsOf("{\"header\":{\"format\":1,\"sight\":\"x\"}}\n"))
                .singleElement()
                .asString()
                .startsWith("w:1: is no header of a workflow")
                .contains("sight");
    }

    @Test
    void otherFilesAreRefused() throws Exception {
        assertThat(problemsOf("name: demo\njobs: []\n"))
                .singleElement()
                .asString()
                .startsWith("w:1: ");
        assertThat(problemsOf("{\"job\":{\"name\":\"a\"}}\n"))
                .containsExactly("w:1: must be the header of a workflow, such as {\"header\": {\"format\": 1, ...}}");
        WorkflowException absent = catchThrowableOfType(
                WorkflowException.class, () -> WorkflowFile.readHeader(directory.resolve("absent")));
        assertThat(absent.problems()).containsExactly(directory.resolve("absent") + ": there is no such file");
        WorkflowException folder =
                catchThrowableOfType(WorkflowException.class, () -> WorkflowFile.readHeader(directory));
        assertThat(folder.problems()).containsExactly(directory + ": is a directory, not a workflow file");
    }
}
