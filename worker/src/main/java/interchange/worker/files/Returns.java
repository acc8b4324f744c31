package interchange.worker.files;

import interchange.proto.files.FileName;
import interchange.proto.files.Refused;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.StagedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Brings back what jobs made and printed: all that is there, until the daemon has it. The courier's. */
final class Returns {
    private final Desk desk;
    private final Map<AttemptName, Return> returns = new LinkedHashMap<>();

    /** One attempt's. */
    private static final class Return {
        final Order order;
        final Folder folder;
        final List<Offering> offerings = new ArrayList<>();
        final List<String> problems = new ArrayList<>();
        boolean refused;
        int missing;

        Return(Order order, Folder folder) {
            this.order = order;
            this.folder = folder;
        }
    }

    /** A file that may be there. */
    private record Thing(FileName name, Path path, String words, boolean must) {}

    /** What was found of it. */
    private record Surveyed(Thing thing, Optional<Offering.Made> made, String problem) {}

    Returns(Desk desk) {
        this.desk = desk;
    }

    /** @param logsOnly what it made is of no use to anyone */
    void begin(Order order, boolean logsOnly) {
        desk.withStore(
                store -> survey(store, things(order, store.folder(order), logsOnly)),
                found -> offer(new Return(order, desk.store().folder(order)), found),
                e -> {
                    throw new IllegalStateException("the job ran, so its directory is there", e);
                });
        // From now on, so that it can be dropped meanwhile.
        returns.put(order.attempt(), new Return(order, desk.store().folder(order)));
    }

    private static List<Thing> things(Order order, Folder folder, boolean logsOnly) {
        List<Thing> things = new ArrayList<>();
        for (StagedFile file : logsOnly ? List.<StagedFile>of() : order.outputs()) {
            FileName name = FileName.newBuilder()
                    .setAttempt(order.attempt())
                    .setNumber(file.getNumber())
                    .build();
            things.add(new Thing(
                    name, folder.work().resolve(file.getName()), "the output '" + file.getName() + "'", true));
        }
        things.add(log(order, FileName.Log.STDOUT, folder.stdout()));
        if (!order.oneLog()) {
            things.add(log(order, FileName.Log.STDERR, folder.stderr()));
        }
        return things;
    }

    private static Thing log(Order order, FileName.Log which, Path path) {
        return new Thing(
                FileName.newBuilder().setAttempt(order.attempt()).setLog(which).build(),
                path,
                "what it printed",
                false);
    }

    private static List<Surveyed> survey(Store store, List<Thing> things) {
        return things.stream().map(thing -> survey(store, thing)).toList();
    }

    private static Surveyed survey(Store store, Thing thing) {
        Path path = thing.path();
        if (!Files.exists(path)) {
            return problem(
                    thing,
                    thing.must() ? "it did not write " + thing.words() + " into the directory that it ran in" : "");
        }
        if (!Files.isRegularFile(path)) {
            return problem(
                    thing,
                    thing.words() + " is " + (Files.isDirectory(path) ? "a directory" : "no regular file")
                            + ", and only files travel: name the files in it, or have the job pack it (tar)");
        }
        try {
            return new Surveyed(thing, Optional.of(store.survey(path)), "");
        } catch (IOException e) {
            return problem(thing, thing.words() + " can't be read: " + e);
        }
    }

    private static Surveyed problem(Thing thing, String text) {
        return new Surveyed(thing, Optional.empty(), text);
    }

    private void offer(Return made, List<Surveyed> found) {
        Order order = made.order;
        if (!returns.containsKey(order.attempt())) {
            return; // dropped meanwhile
        }
        returns.put(order.attempt(), made);
        for (Surveyed each : found) {
            if (!each.problem().isEmpty()) {
                made.problems.add(each.problem());
            }
            each.made().ifPresent(content -> made.offerings.add(offering(made, each.thing(), content)));
        }
        made.missing = made.offerings.size();
        made.offerings.forEach(desk.talks()::begin);
        if (made.missing == 0) {
            finish(made);
        }
    }

    private Offering offering(Return made, Thing thing, Offering.Made content) {
        // It sends of itself, and so must be known before it is.
        var self = new ArrayList<Offering>(1);
        var offering = new Offering(
                thing.name(),
                content,
                () -> desk.store().read(thing.path()),
                message -> desk.talks().send(self.getFirst(), message),
                refused -> over(made, thing, refused));
        self.add(offering);
        return offering;
    }

    private void over(Return made, Thing thing, Optional<Refused> refused) {
        if (!returns.containsKey(made.order.attempt())) {
            return;
        }
        made.missing--;
        if (refused.isPresent() && refused.get().getUnwanted()) {
            // Its end will be of no interest either.
            made.problems.clear();
            made.offerings.forEach(desk.talks()::end);
            made.missing = 0;
        } else if (refused.isPresent()) {
            made.problems.add(thing.words() + " could not be put into its place: "
                    + refused.get().getReason());
            made.refused = true;
        }
        if (made.missing == 0) {
            finish(made);
        }
    }

    private void finish(Return made) {
        AttemptName attempt = made.order.attempt();
        returns.remove(attempt);
        made.offerings.forEach(Offering::close);
        if (!made.refused) {
            desk.tell(new News.Returned(attempt, problem(made, "")));
            desk.remove(made.folder);
            return;
        }
        desk.withStore(
                store -> store.scratch().keep(made.folder.root()),
                kept -> desk.tell(
                        new News.Returned(attempt, problem(made, "; what it made is kept on its node in " + kept))),
                e -> desk.tell(new News.Returned(attempt, problem(made, "; nor could it be kept on its node: " + e))));
    }

    private static Optional<String> problem(Return made, String more) {
        return made.problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", made.problems) + more);
    }

    /** Nobody waits for it any more; its directory goes. */
    void drop(AttemptName attempt) {
        Return made = returns.remove(attempt);
        if (made != null) {
            made.offerings.forEach(offering -> {
                desk.talks().end(offering);
                offering.close();
            });
        }
    }
}
