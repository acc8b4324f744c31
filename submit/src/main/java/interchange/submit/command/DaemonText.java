package interchange.submit.command;

import interchange.proto.control.PingResponse;
import interchange.submit.output.Console;
import interchange.submit.output.Words;

/** Shows what a daemon says of itself. */
final class DaemonText {
    private DaemonText() {}

    static void printLine(PingResponse daemon, Console console) {
        if (console.json()) {
            console.json(daemon);
            return;
        }
        console.line("interchange " + daemon.getVersion() + " runs on " + daemon.getHost() + " (process "
                + daemon.getPid() + ", " + daemon.getHome() + ")");
        daemon.getTroublesList().forEach(trouble -> console.line("trouble: " + trouble));
    }

    static void printAll(PingResponse daemon, Console console) {
        if (console.json()) {
            console.json(daemon);
            return;
        }
        console.line("version      " + daemon.getVersion());
        console.line("host         " + daemon.getHost());
        console.line("process      " + daemon.getPid());
        console.line("directory    " + daemon.getHome());
        console.line("up for       " + Words.duration(daemon.getUptimeSeconds()));
        console.line("active runs  " + daemon.getActiveRuns());
        console.line("workers      " + daemon.getWorkers());
        console.line("dropped      " + daemon.getDroppedMessages() + " messages, " + daemon.getRefusedHandshakes()
                + " handshakes");
        daemon.getTroublesList().forEach(trouble -> console.line("trouble      " + trouble));
    }
}
