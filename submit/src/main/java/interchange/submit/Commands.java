package interchange.submit;

import interchange.submit.command.BlocksCommand;
import interchange.submit.command.CancelCommand;
import interchange.submit.command.CheckCommand;
import interchange.submit.command.EnsureCommand;
import interchange.submit.command.ExplainCommand;
import interchange.submit.command.ExportCommand;
import interchange.submit.command.InfoCommand;
import interchange.submit.command.JobsCommand;
import interchange.submit.command.ListCommand;
import interchange.submit.command.LogsCommand;
import interchange.submit.command.PingCommand;
import interchange.submit.command.PurgeCommand;
import interchange.submit.command.ReportCommand;
import interchange.submit.command.RestartCommand;
import interchange.submit.command.SitesCommand;
import interchange.submit.command.StartCommand;
import interchange.submit.command.StartupCacheCommand;
import interchange.submit.command.StatusCommand;
import interchange.submit.command.StopCommand;
import interchange.submit.command.SubmitCommand;
import interchange.submit.command.VersionCommand;
import interchange.submit.command.WatchCommand;
import interchange.submit.command.WorkersCommand;
import java.util.Locale;

/** Every command, in the order in which the help lists them. */
enum Commands {
    SUBMIT,
    LIST,
    STATUS,
    REPORT,
    WATCH,
    JOBS,
    LOGS,
    EXPLAIN,
    CANCEL,
    RESTART,
    WORKERS,
    BLOCKS,
    SITES,
    START,
    STOP,
    ENSURE,
    INFO,
    PING,
    CHECK,
    EXPORT,
    PURGE,
    STARTUP_CACHE,
    VERSION;

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Action make() {
        return switch (this) {
            case SUBMIT -> new SubmitCommand();
            case LIST -> new ListCommand();
            case STATUS -> new StatusCommand();
            case REPORT -> new ReportCommand();
            case WATCH -> new WatchCommand();
            case JOBS -> new JobsCommand();
            case LOGS -> new LogsCommand();
            case EXPLAIN -> new ExplainCommand();
            case CANCEL -> new CancelCommand();
            case RESTART -> new RestartCommand();
            case WORKERS -> new WorkersCommand();
            case BLOCKS -> new BlocksCommand();
            case SITES -> new SitesCommand();
            case START -> new StartCommand();
            case STOP -> new StopCommand();
            case ENSURE -> new EnsureCommand();
            case INFO -> new InfoCommand();
            case PING -> new PingCommand();
            case CHECK -> new CheckCommand();
            case EXPORT -> new ExportCommand();
            case PURGE -> new PurgeCommand();
            case STARTUP_CACHE -> new StartupCacheCommand();
            case VERSION -> new VersionCommand();
        };
    }
}
