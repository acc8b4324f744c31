package interchange.worker.warm;

import interchange.worker.process.Clock;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts jobs as forks of templates, where that can be; makes templates where jobs need them, and ends those that don't pay. */
public final class Warm {
    private static final Logger LOG = LoggerFactory.getLogger(Warm.class);
    private static final int TEMPLATES_MAX = 4;
    /** Of the worker's memory, for all templates together; one there may be in any case. */
    private static final int MEMORY_PART = 4;

    private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(10);
    /** So long unused, one has to make room for another. */
    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** One that has grown so far beyond what it had is not what it was. */
    private static final long GROWTH_KIB = 512L * 1024;

    private final Spawner spawner;
    private final Reaper reaper;
    private final ForkLock lock;
    private final Clock clock;
    private final Opening opening;
    private final Map<String, String> inherited;
    private final String incarnation;
    private final long memoryKiB;
    private final Map<Kind, Succession> successions = new LinkedHashMap<>();
    /** All that have not ended, with what they belong to. */
    private final Map<JobProcess, Made> alive = new HashMap<>();
    /** Those of them that are being ended. */
    private final Set<JobProcess> killed = new HashSet<>();
    /** Forks that have not heard their go, and never will. */
    private final Set<JobProcess> discarded = new HashSet<>();
    /** Jobs, with the kind of their template. */
    private final Map<JobProcess, Kind> forks = new HashMap<>();
    /** Templates that have made a fork. */
    private final Set<Integer> remembered = new HashSet<>();
    /** What was said about kinds that are cold. */
    private final Map<Kind, String> told = new HashMap<>();

    private Optional<Workshop> workshop = Optional.empty();
    private List<String> scripts = List.of();
    private String site = "";
    private String prefix = "";
    private int count;

    /** Makes the place for the files of templates, on first need. */
    public interface Opening {
        Workshop open() throws IOException;
    }

    private record Made(int number, Recipes.Known known, Template template) {
        Kind kind() {
            return known.kind();
        }
    }

    /**
     * @param incarnation of this worker
     * @param inherited variables that all its processes carry
     * @param memoryMiB of this worker; 0: not known
     */
    public Warm(
            Spawner spawner,
            Reaper reaper,
            ForkLock lock,
            Clock clock,
            Opening opening,
            String incarnation,
            Map<String, String> inherited,
            long memoryMiB) {
        this.spawner = spawner;
        this.reaper = reaper;
        this.lock = lock;
        this.clock = clock;
        this.opening = opening;
        this.incarnation = incarnation;
        this.inherited = Map.copyOf(inherited);
        memoryKiB = memoryMiB * 1024;
    }

    /**
     * What the daemon says of the site.
     *
     * @param newScripts names of console scripts; none: no job is started warm
     * @param newPrefix its commandPrefix
     */
    public void settings(String newSite, List<String> newScripts, String newPrefix) {
        boolean first = site.isEmpty();
        site = newSite;
        scripts = List.copyOf(newScripts);
        prefix = newPrefix;
        if (first && !site.isEmpty() && !scripts.isEmpty()) {
            makeAhead();
        }
    }

    /** What the site's jobs needed lately, those that come will need as well. */
    private void makeAhead() {
        try {
            long now = clock.bootNanos();
            for (Recipes.Known known : recipes().recent()) {
                if (known.kind().prefix().isEmpty() || known.kind().prefix().equals(prefix)) {
                    Succession succession = successions.computeIfAbsent(known.kind(), _ -> new Succession(known));
                    make(succession, now);
                }
            }
        } catch (IOException e) {
            LOG.info("no template is made ahead: {}", e.toString());
        }
    }

    private Recipes recipes() throws IOException {
        return new Recipes(workshop().lists(), site);
    }

    /** Starts a job as a fork. Empty: it has to be started cold; nothing of it runs. */
    public Optional<JobProcess> start(Launch launch) {
        if (scripts.isEmpty()) {
            return Optional.empty();
        }
        return switch (Recognized.of(launch.argv(), prefix, scripts)) {
            case Recognized.Other other -> {
                if (other.listed()) {
                    LOG.info("{} starts cold: {}", launch.token(), other.why());
                }
                yield Optional.empty();
            }
            case Recognized.Script script -> start(script, Kind.of(script, launch), launch);
        };
    }

    private Optional<JobProcess> start(Recognized.Script script, Kind kind, Launch launch) {
        if (kind.refersToTheAttempt()) {
            tell(kind, "what runs before it refers to the attempt");
            return Optional.empty();
        }
        try {
            Spawner.makeParent(launch.stdout());
            Spawner.makeParent(launch.stderr());
            long now = clock.bootNanos();
            Succession succession = successions.computeIfAbsent(
                    kind, _ -> new Succession(new Recipes.Known(kind, launch.environment())));
            look(succession, now);
            Optional<JobProcess> fork = succession.serving().flatMap(template -> fork(template, script, kind, launch));
            succession.want();
            look(succession, now);
            if (succession.serving().isEmpty() && !succession.why().isEmpty()) {
                tell(kind, succession.why());
            }
            return fork;
        } catch (NotStartedException e) {
            tell(kind, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void tell(Kind kind, String why) {
        if (!why.equals(told.put(kind, why))) {
            LOG.info("{} starts cold: {}", kind.script(), why);
        }
    }

    private Workshop workshop() throws IOException {
        if (workshop.isEmpty()) {
            workshop = Optional.of(opening.open());
        }
        return workshop.get();
    }

    private void look(Succession succession, long now) {
        succession.look(now).ifPresent(replaced -> end(replaced, "another takes its place"));
        endWhatIsOver();
    }

    private void endWhatIsOver() {
        alive.forEach((process, made) -> {
            if (made.template().over().isPresent() && killed.add(process)) {
                reaper.kill(process);
            }
        });
    }

    private void end(Template template, String why) {
        template.end(why, Template.Another.WHEN_NEEDED);
        endWhatIsOver();
    }

    private Optional<JobProcess> fork(Template template, Recognized.Script script, Kind kind, Launch launch) {
        if (template.process().peakMemoryKiB() > template.memoryKiB() * 2 + GROWTH_KIB) {
            template.end(
                    "it has grown to " + template.process().peakMemoryKiB() / 1024 + " MiB", Template.Another.PERHAPS);
            return Optional.empty();
        }
        Template.Answer answer = template.ask(Order.of(script, launch, list(kind)), clock.bootNanos());
        return switch (answer) {
            case Template.Answer.Forked forked -> adopt(template, forked, kind, launch);
            case Template.Answer.Cold cold -> {
                LOG.info("{} starts cold: {}", launch.token(), cold.why());
                yield Optional.empty();
            }
            case Template.Answer.None _ -> Optional.empty();
        };
    }

    private Path list(Kind kind) {
        return workshop.orElseThrow().list(kind);
    }

    /** It is known before it may begin, so that whatever dies, no job runs that nobody waits for. */
    private Optional<JobProcess> adopt(Template template, Template.Answer.Forked forked, Kind kind, Launch launch) {
        Optional<JobProcess> fork = reaper.adopt(forked.pid(), launch.token());
        if (fork.isEmpty()) {
            template.end(
                    "it said that a fork is process " + forked.pid() + ", which is none of ours",
                    Template.Another.PERHAPS);
        } else if (template.go()) {
            forks.put(fork.get(), kind);
            remember(template);
            Optional.ofNullable(successions.get(kind)).ifPresent(succession -> succession.worked(forked.more()));
            return fork;
        } else {
            discarded.add(fork.get());
            reaper.kill(fork.get());
        }
        return Optional.empty();
    }

    /** With the first fork of a template, so that a file's time says when its kind was of use. */
    private void remember(Template template) {
        Made made = alive.get(template.process());
        if (made != null && !site.isEmpty() && remembered.add(made.number())) {
            try {
                recipes().keep(made.known());
            } catch (IOException e) {
                LOG.debug("no place for what templates are made of: {}", e.toString());
            }
        }
    }

    private void make(Succession succession, long now) {
        Recipes.Known known = succession.known();
        if (!makeRoom(known.kind(), now)) {
            tell(known.kind(), "there is no room for another template");
            return;
        }
        int number = ++count;
        try {
            Workshop files = workshop();
            var line = new Line(files.file(number, "line"), lock);
            try {
                make(succession, files, line, number, now);
            } catch (NotStartedException | RuntimeException e) {
                line.close();
                files.removeFilesOf(number);
                throw e;
            }
        } catch (IOException | NotStartedException e) {
            succession.couldNotStart(String.valueOf(e.getMessage()), now);
        }
    }

    private void make(Succession succession, Workshop files, Line line, int number, long now)
            throws NotStartedException {
        Recipes.Known known = succession.known();
        String token = incarnation + "/template-" + number;
        JobProcess process = spawner.start(TemplateLaunch.of(known, files, number, token, inherited));
        var template = new Template(process, line, files.file(number, "err"), now);
        alive.put(process, new Made(number, known, template));
        succession.started(template);
        LOG.info("template {} of {} is being made", number, known.kind().script());
    }

    /** Whether there may be one more. */
    private boolean makeRoom(Kind forWhich, long now) {
        List<Made> others = alive.values().stream()
                .filter(made -> made.template().over().isEmpty())
                .filter(made -> !made.kind().equals(forWhich))
                .sorted(Comparator.comparingLong(made -> made.template().usedNanos()))
                .toList();
        long kib =
                others.stream().mapToLong(made -> made.template().memoryKiB()).sum();
        int left = others.size();
        for (Made made : others) {
            boolean fits = left < TEMPLATES_MAX && (memoryKiB <= 0 || left == 0 || kib <= memoryKiB / MEMORY_PART);
            if (fits) {
                return true;
            }
            if (now - made.template().usedNanos() < UNUSED_NANOS) {
                return false;
            }
            end(made.template(), "another needs its room");
            kib -= made.template().memoryKiB();
            left--;
        }
        return true;
    }

    /**
     * Looks after the templates, at any time.
     *
     * @param freeMemoryMiB what no job has asked for
     */
    public void look(long now, long freeMemoryMiB) {
        if (alive.isEmpty()) {
            return;
        }
        for (Succession succession : successions.values()) {
            look(succession, now);
            // Not at the start of a job, when this thread may be bound to its cores.
            if (succession.isDue(now)) {
                make(succession, now);
            }
        }
        long kib = unused(now).stream()
                .mapToLong(made -> made.template().memoryKiB())
                .sum();
        for (Made made : unused(now)) {
            boolean inTheWay = memoryKiB > 0 && kib > freeMemoryMiB * 1024;
            if (inTheWay || now - made.template().usedNanos() > IDLE_NANOS) {
                end(made.template(), inTheWay ? "jobs need its memory" : "nothing needs it");
                kib -= made.template().memoryKiB();
            }
        }
    }

    /** The node runs short of memory: what no job is a fork of goes before any job does. */
    public void onShortMemory() {
        Set<Kind> used = new HashSet<>(forks.values());
        alive.values().stream()
                .filter(made ->
                        !used.contains(made.kind()) && made.template().over().isEmpty())
                .forEach(made -> made.template().end("the node runs short of memory", Template.Another.WHEN_NEEDED));
        endWhatIsOver();
    }

    /** Whose memory is no part of what their forks have. */
    private List<Made> unused(long now) {
        Set<Kind> used = new HashSet<>(forks.values());
        return alive.values().stream()
                .filter(made -> made.template().isReady() && !used.contains(made.kind()))
                .filter(made -> now - made.template().usedNanos() > UNUSED_NANOS)
                .sorted(Comparator.comparingLong(made -> made.template().usedNanos()))
                .toList();
    }

    /** Takes the end of a process; false: it is a job's. */
    public boolean ended(Ended end) {
        if (forks.remove(end.process()) != null) {
            return false;
        }
        if (discarded.remove(end.process())) {
            return true;
        }
        Made made = alive.remove(end.process());
        if (made == null) {
            return false;
        }
        made.template().ended(end);
        killed.remove(end.process());
        remembered.remove(made.number());
        workshop.orElseThrow().removeFilesOf(made.number());
        made.template()
                .over()
                .ifPresent(over -> LOG.info(
                        "template {} of {} has ended: {}",
                        made.number(),
                        made.kind().script(),
                        over.why()));
        return true;
    }

    /** Ends all templates; their ends will be told. */
    public void leave() {
        scripts = List.of();
        alive.values().forEach(made -> made.template().end("the worker leaves", Template.Another.WHEN_NEEDED));
        endWhatIsOver();
    }

    /** Whether some of its processes have not ended yet. */
    public boolean isAlive() {
        return !alive.isEmpty() || !discarded.isEmpty();
    }

    public void close() {
        workshop.ifPresent(Workshop::close);
    }
}
