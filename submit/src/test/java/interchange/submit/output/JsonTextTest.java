package interchange.submit.output;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import interchange.proto.control.JobRow;
import interchange.proto.control.JobState;
import interchange.proto.control.JobsResponse;
import interchange.proto.workflow.Header;
import interchange.proto.workflow.Job;
import org.junit.jupiter.api.Test;

final class JsonTextTest {
    @Test
    void answersHaveEveryFieldAndWhatIsNotSetIsNull() {
        assertThat(JsonText.of(
                        JobsResponse.newBuilder()
                                .addJobs(JobRow.newBuilder()
                                        .setState(JobState.FAILED)
                                        .setStartedEpochMillis(1L << 50))
                                .build(),
                        JsonText.Defaults.SHOWN))
                .isEqualTo("{\"jobs\":[{\"index\":0,\"name\":\"\",\"label\":\"\",\"state\":\"FAILED\",\"attempts\":0,"
                        + "\"exitCode\":null,\"signal\":0,\"cause\":\"\",\"host\":\"\","
                        + "\"startedEpochMillis\":1125899906842624,\"endedEpochMillis\":0,\"cpuMillis\":0,"
                        + "\"peakMemoryMib\":0,\"warm\":false,\"memoryMib\":0}]}");
    }

    @Test
    void anExitCodeOfZeroIsNotNone() {
        assertThat(JsonText.of(JobRow.newBuilder().setExitCode(0), JsonText.Defaults.SHOWN))
                .contains("\"exitCode\":0");
    }

    @Test
    void workflowFilesLeaveOutWhatIsNotSaid() {
        assertThat(JsonText.of(Job.newBuilder().setName("a").setRetries(0), JsonText.Defaults.OMITTED))
                .isEqualTo("{\"name\":\"a\",\"retries\":0}");
    }

    @Test
    void sectionsOfTheUserAreAsTheUserWroteThem() {
        Struct section = Struct.newBuilder()
                .putFields("n", Value.newBuilder().setNumberValue(2).build())
                .putFields("x", Value.newBuilder().setNumberValue(0.5).build())
                .putFields("s", Value.newBuilder().setStringValue("<\"é\n").build())
                .build();
        assertThat(JsonText.of(Header.newBuilder().putSites("s", section), JsonText.Defaults.OMITTED))
                .isEqualTo("{\"sites\":{\"s\":{\"n\":2,\"x\":0.5,\"s\":\"<\\\"é\\n\"}}}");
    }
}
