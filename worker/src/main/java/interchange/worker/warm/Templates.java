package interchange.worker.warm;

import interchange.worker.process.Ended;
import interchange.worker.process.ForkLock;
import interchange.worker.process.JobProcess;
import interchange.worker.process.Launch;
import interchange.worker.process.NotStartedException;
import interchange.worker.process.Reaper;
import interchange.worker.process.Spawner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All templates of a worker: makes them where jobs want them, and ends those that don't pay. */
final class Templates {
    private static final Logger LOG = LoggerFactory.getLogger(Templates.class);
    private static final int TEMPLATES_MAX = 4;
    private static final int KILL = 9;
    /** Of the worker's memory, for all templates together; one there may be in any case. */
    private static final int MEMORY_PART = 4;

    /** What one is taken to need that has not said so yet. */
    private static final long UNKNOWN_KIB = 400L * 1024;

    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** So long unused, one has to make room for another. */
    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Importing may take long from a slow file system, but not for ever. */
    private static final long START_MAX_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** Kinds that are remembered: jobs may come with ever new variables. */
    private static final int KINDS_MAX = 256;

    private final Spawner spawner;
    private final Reaper reaper;
    private final ForkLock lock;
    private final Warm.Opening opening;
    private final String incarnation;
    private final Map<String, String> inherited;
    private final long memoryKiB;
    /** The one that was used least recently comes first. */
    private final LinkedHashMap<Kind, Succession> successions = new LinkedHashMap<>(16, 0.75f, true);
    /** All whose processes have not ended. */
    private final Map<JobProcess, Made> alive = new HashMap<>();
    /** Those of them that are being ended. */
    private final Set<JobProcess> killed = new HashSet<>();

    private Optional<Workshop> workshop = Optional.empty();
    private int count;
    private boolean leaving;

    private record Made(int number, Recipes.Known known, Template template) {
        Kind kind() {
            return known.kind();
        }

        long kib() {
            return template.memoryKiB() > 0 ? template.memoryKiB() : UNKNOWN_KIB;
        }
    }

    /** @param memoryMiB of the worker; 0: not known */
    Templates(
            Spawner spawner,
            Reaper reaper,
            ForkLock lock,
            Warm.Opening opening,
            String incarnation,
            Map<String, String> inherited,
            long memoryMiB) {
        this.spawner = spawner;
        this.reaper = reaper;
        this.lock = lock;
        this.opening = opening;
        this.incarnation = incarnation;
        this.inherited = Map.copyOf(inherited);
        memoryKiB = memoryMiB * 1024;
    }

    Succession of(Recipes.Known known) {
        Succession succession = successions.computeIfAbsent(known.kind(), _ -> new Succession(known));
        if (successions.size() > KINDS_MAX) {
            successions.values().removeIf(other -> other != succession && other.isIdle());
        }
        return succession;
    }

    /** Where all workers find what to import ahead. */
    Path list(Recipes.Known known) throws IOException {
        return workshop().list(known);
    }

    Recipes recipes(String site) throws IOException {
        return new Recipes(workshop().lists(), site);
    }

    /** A tmp cleaner may have been there: a worker may stand for weeks. */
    private Workshop workshop() throws IOException {
        if (workshop.isEmpty() || !workshop.get().isThere()) {
            workshop = Optional.of(opening.open());
        }
        return workshop.get();
    }

    /** Takes what has changed of the templates of a kind. */
    void look(Succession succession, long now) {
        succession.look(now).ifPresent(replaced -> end(replaced, "another takes its place"));
        Stream.of(succession.coming(), succession.serving())
                .flatMap(Optional::stream)
                .filter(template -> template.waitedForSinceNanos()
                        .filter(since -> now - since > START_MAX_NANOS)
                        .isPresent())
                .forEach(template -> template.end(
                        "it was not ready within " + TimeUnit.NANOSECONDS.toMinutes(START_MAX_NANOS) + " min",
                        Template.Another.PERHAPS));
        endWhatIsOver();
    }

    private void end(Template template, String why) {
        template.end(why, Template.Another.WHEN_NEEDED);
        endWhatIsOver();
    }

    private void endWhatIsOver() {
        alive.forEach((process, made) -> {
            if (made.template().over().isPresent() && killed.add(process)) {
                reaper.kill(process);
            }
        });
    }

    /**
     * Makes those that are wanted, and ends those that are not.
     *
     * @param used kinds of which jobs are forks
     * @param freeMemoryMiB what no job has asked for
     */
    void keep(Set<Kind> used, long now, long freeMemoryMiB) {
        for (Succession succession : successions.values()) {
            look(succession, now);
            if (!leaving && succession.isDue(now)) {
                make(succession, now);
            }
        }
        List<Made> unused = unused(used, now);
        long kib = unused.stream().mapToLong(Made::kib).sum();
        for (Made made : unused) {
            boolean inTheWay = memoryKiB > 0 && kib > freeMemoryMiB * 1024;
            if (inTheWay || now - made.template().usedNanos() > IDLE_NANOS) {
                end(made.template(), inTheWay ? "jobs need its memory" : "nothing needs it");
                kib -= made.kib();
            }
        }
    }

    /** Whose memory is no part of what their forks have. */
    private List<Made> unused(Set<Kind> used, long now) {
        return alive.values().stream()
                .filter(made -> made.template().isReady() && !used.contains(made.kind()))
                .filter(made -> now - made.template().usedNanos() > UNUSED_NANOS)
                .sorted(Comparator.comparingLong(made -> made.template().usedNanos()))
                .toList();
    }

    private void make(Succession succession, long now) {
        Recipes.Known known = succession.known();
        if (!makeRoom(known.kind(), now)) {
            succession.hasNoRoom(now);
            return;
        }
        Optional<Template> parent = succession.growing(now);
        if (parent.isPresent()) {
            if (grow(parent.get(), succession, now) || parent.get().isBusy()) {
                return;
            }
            succession.growsBadly();
        }
        int number = ++count;
        try {
            Workshop files = workshop();
            Path list = succession.isListDoubtful() ? files.file(number, "modules") : files.list(known);
            var line = new Line(files.file(number, "line"), lock);
            try {
                String token = incarnation + Launch.TEMPLATE + number;
                JobProcess process = spawner.start(TemplateLaunch.of(known, files, number, list, token, inherited));
                var template = new Template(process, line, files.file(number, "err"), now);
                alive.put(process, new Made(number, known, template));
                succession.started(template);
                LOG.info("template {} of {} is being made", number, known.kind().script());
            } catch (NotStartedException | RuntimeException e) {
                line.close();
                files.removeFilesOf(number);
                throw e;
            }
        } catch (IOException | NotStartedException e) {
            succession.failed(String.valueOf(e.getMessage()), now);
        }
    }

    /** What a template says to be its fork, if it is a child of ours: known then, before it may begin. */
    Optional<JobProcess> adopt(Template template, int pid, String token) {
        Optional<JobProcess> fork = reaper.adopt(pid, token);
        if (fork.isEmpty()) {
            template.end("it said that a fork is process " + pid + ", which is none of ours", Template.Another.PERHAPS);
        }
        return fork;
    }

    /** Lets a fork of a template take its place, with what has been learnt since. False: it is not to be. */
    private boolean grow(Template parent, Succession succession, long now) {
        Recipes.Known known = succession.known();
        int number = ++count;
        String token = incarnation + Launch.TEMPLATE + number;
        try {
            Workshop files = workshop();
            var line = new Line(files.file(number, "line"), lock);
            String order = ForkOrder.ofSuccessor(files, number, files.list(known), token);
            Optional<JobProcess> fork = parent.askForSuccessor(order, now) instanceof Template.Answer.Forked forked
                    ? adopt(parent, forked.pid(), token)
                    : Optional.empty();
            if (fork.isEmpty()) {
                line.close();
                files.removeFilesOf(number);
                return false;
            }
            var template = new Template(fork.get(), line, files.file(number, "err"), now);
            alive.put(fork.get(), new Made(number, known, template));
            if (!parent.go()) {
                end(template, "it could not be told to go");
                return false;
            }
            succession.grows(template);
            LOG.info(
                    "template {} of {} is made of the one before",
                    number,
                    known.kind().script());
            return true;
        } catch (IOException e) {
            LOG.info("no template can grow: {}", e.toString());
            return false;
        }
    }

    /** Whether there may be one more. */
    private boolean makeRoom(Kind forWhich, long now) {
        List<Made> others = alive.values().stream()
                .filter(made -> made.template().over().isEmpty())
                .filter(made -> !made.kind().equals(forWhich))
                .sorted(Comparator.comparingLong(made -> made.template().usedNanos()))
                .toList();
        long kib = UNKNOWN_KIB + others.stream().mapToLong(Made::kib).sum();
        int left = others.size();
        for (Made made : others) {
            if (left < TEMPLATES_MAX && (memoryKiB <= 0 || kib <= memoryKiB / MEMORY_PART)) {
                return true;
            }
            if (now - made.template().usedNanos() < UNUSED_NANOS) {
                return false;
            }
            end(made.template(), "another needs its room");
            kib -= made.kib();
            left--;
        }
        return true;
    }

    /** The node runs short of memory: what no job is a fork of goes before any job does. */
    void onShortMemory(Set<Kind> used) {
        alive.values().stream()
                .filter(made ->
                        !used.contains(made.kind()) && made.template().over().isEmpty())
                .forEach(made -> made.template().end("the node runs short of memory", Template.Another.WHEN_NEEDED));
        endWhatIsOver();
    }

    boolean isLoss(Ended end) {
        Made made = alive.get(end.process());
        return end.signal() == KILL && made != null && made.template().brokeOff();
    }

    /** False: it is the end of something else. */
    boolean ended(Ended end) {
        Made made = alive.remove(end.process());
        if (made == null) {
            return false;
        }
        made.template().ended(end);
        killed.remove(end.process());
        workshop.ifPresent(files -> files.removeFilesOf(made.number()));
        made.template()
                .over()
                .ifPresent(over -> LOG.info(
                        "template {} of {} has ended: {}",
                        made.number(),
                        made.kind().script(),
                        over.why()));
        return true;
    }

    /** Ends all; their ends will be told. None is made any more. */
    void leave() {
        leaving = true;
        alive.values().forEach(made -> made.template().end("the worker leaves", Template.Another.WHEN_NEEDED));
        endWhatIsOver();
    }

    boolean isEmpty() {
        return alive.isEmpty();
    }

    /** Whether no job was seen yet that could be a fork. */
    boolean knowsNoKind() {
        return successions.isEmpty();
    }

    void close() {
        workshop.ifPresent(Workshop::close);
    }
}
