package interchange.submit.command;

import com.google.gson.JsonParseException;
import interchange.proto.control.CheckRequest;
import interchange.proto.control.CheckResponse;
import interchange.proto.control.CheckedSite;
import interchange.proto.control.Request;
import interchange.shared.Reasons;
import interchange.submit.Action;
import interchange.submit.CommandException;
import interchange.submit.Kind;
import interchange.submit.Session;
import interchange.submit.output.Console;
import interchange.submit.output.JsonText;
import interchange.submit.output.JsonText.Defaults;
import interchange.submit.workflow.JsonStruct;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code check}: whether the daemon would take these sites, before anything is written. */
@Command(
        name = "check",
        description = {
            "Validate site sections, and say what they mean: every key with the value that holds.",
            "They are a JSON object {\"site\": NAME, \"sites\": {NAME: {...}}}, in which \"names\" may list sites that"
                    + " have no section and that the daemon must know."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  echo '{\"site\": \"here\", \"sites\": {\"here\": {\"provider\": \"local\"}}}' | interchange check"
        })
public final class CheckCommand implements Action {
    @Mixin
    CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            defaultValue = "-",
            description = "The JSON file; standard input without one, or as -.")
    String file = "-";

    @Override
    public int run(Session session) throws CommandException, IOException {
        CheckRequest request = read(session).toBuilder()
                .setAllocation(session.environment().getOrDefault("SLURM_JOB_ID", ""))
                .setArchitecture(System.getProperty("os.arch", ""))
                .build();
        try (var client = session.daemon().findOrStart()) {
            show(client.call(Request.newBuilder().setCheck(request)).getCheck(), session.console());
            return 0;
        }
    }

    private static void show(CheckResponse answer, Console console) {
        if (console.json()) {
            console.json(answer);
            return;
        }
        answer.getWarningsList().forEach(console::note);
        for (CheckedSite site : answer.getSitesList()) {
            console.line(site.getName() + ":");
            site.getKeys()
                    .getFieldsMap()
                    .forEach((key, value) -> console.line("  " + key + ": " + JsonText.of(value, Defaults.OMITTED)));
            site.getHeadList().forEach(console::line);
        }
        answer.getMessagesList().forEach(console::line);
    }

    private CheckRequest read(Session session) throws CommandException, IOException {
        try (Reader text = file.equals("-")
                ? new InputStreamReader(session.in(), StandardCharsets.UTF_8)
                : Files.newBufferedReader(session.resolve(file))) {
            return JsonStruct.checkRequest(text);
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw new CommandException(
                    Kind.USER, Reasons.of(e) + ": name a file that can be read, or - for standard input");
        } catch (JsonParseException | IllegalStateException | IOException e) {
            throw new CommandException(
                    Kind.USER,
                    (file.equals("-") ? "standard input" : file)
                            + " is not a JSON object {\"site\": ..., \"sites\": {...}}: " + e.getMessage());
        }
    }
}
