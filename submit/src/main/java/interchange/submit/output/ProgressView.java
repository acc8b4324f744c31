package interchange.submit.output;

import interchange.proto.control.ReportResponse;

/** Shows how a run gets on. */
public interface ProgressView {
    /** The run goes on. */
    void show(ReportResponse report);

    /** The daemon does not answer, for this reason; it is tried again. */
    void away(String reason);

    /** The run has ended. */
    void end(ReportResponse report);
}
