package interchange.worker.warm;

import interchange.worker.process.Clock;
import interchange.worker.process.Ended;
import interchange.worker.process.ForkLock;
import interchange.worker.process.JobProcess;
import interchange.worker.process.Launch;
import interchange.worker.process.Reaper;
import interchange.worker.process.Spawner;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts jobs as forks of templates, where that can be. */
public final class Warm {
    private static final Logger LOG = LoggerFactory.getLogger(Warm.class);
    /** A template that has grown so far beyond what it had is not what it was. */
    private static final long GROWTH_KIB = 512L * 1024;

    /** Reasons that were told; more are told again. */
    private static final int TOLD_MAX = 256;

    private final Reaper reaper;
    private final Clock clock;
    private final Templates templates;
    /** Jobs, with the kind of their template. */
    private final Map<JobProcess, Kind> forks = new HashMap<>();
    /** Forks that have not heard their go, and never will. */
    private final Set<JobProcess> discarded = new HashSet<>();

    private final Set<String> told = new HashSet<>();
    private List<String> scripts = List.of();
    private String site = "";
    private String prefix = "";

    /** Makes the place for the files of templates, on first need. */
    public interface Opening {
        Workshop open() throws IOException;
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
        this.reaper = reaper;
        this.clock = clock;
        templates = new Templates(spawner, reaper, lock, opening, incarnation, inherited, memoryMiB);
    }

    /**
     * What the daemon says of the site.
     *
     * @param newSite its name
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
            templates.recipes(site).recent().stream()
                    .filter(known -> known.kind().prefix().startsWith(prefix))
                    .filter(known -> Recognized.isOnList(known.kind().script(), scripts))
                    .forEach(known -> templates.of(known).want());
        } catch (IOException e) {
            LOG.info("no template is made ahead: {}", e.toString());
        }
    }

    /**
     * Starts a job as a fork. Empty: it has to be started cold; nothing of it runs.
     *
     * @param hasOwnDirectory its directory is no other's
     */
    public Optional<JobProcess> start(Launch launch, boolean hasOwnDirectory) {
        if (scripts.isEmpty()) {
            return Optional.empty();
        }
        return switch (Recognized.of(launch.argv(), prefix, scripts)) {
            case Recognized.Other other -> {
                if (other.listed()) {
                    tell("a job", other.why());
                }
                yield Optional.empty();
            }
            case Recognized.Script script -> start(script, Kind.of(script, launch), launch, hasOwnDirectory);
        };
    }

    private Optional<JobProcess> start(Recognized.Script script, Kind kind, Launch launch, boolean hasOwnDirectory) {
        Optional<String> trouble = kind.trouble(launch.environment(), hasOwnDirectory);
        if (trouble.isPresent()) {
            tell(kind.script(), trouble.get());
            return Optional.empty();
        }
        long now = clock.bootNanos();
        Succession succession = templates.of(new Recipes.Known(kind, launch.environment()));
        templates.look(succession, now);
        Optional<JobProcess> fork = succession
                .serving()
                .filter(Template::isReady)
                .flatMap(template -> fork(template, script, succession, launch));
        if (fork.isEmpty()) {
            succession.want();
        }
        templates.look(succession, now);
        if (succession.serving().isEmpty() && !succession.why().isEmpty()) {
            tell(kind.script(), succession.why());
        }
        return fork;
    }

    private void tell(String what, String why) {
        if (told.size() >= TOLD_MAX) {
            told.clear();
        }
        if (told.add(what + why)) {
            LOG.info("{} starts cold: {}", what, why);
        }
    }

    private Optional<JobProcess> fork(
            Template template, Recognized.Script script, Succession succession, Launch launch) {
        if (template.process().peakMemoryKiB() > template.memoryKiB() * 2 + GROWTH_KIB) {
            template.end(
                    "it has grown to " + template.process().peakMemoryKiB() / 1024 + " MiB", Template.Another.PERHAPS);
            return Optional.empty();
        }
        String order;
        try {
            order = ForkOrder.of(script, launch, templates.list(succession.known()));
        } catch (IOException e) {
            tell(script.script(), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
        return switch (template.ask(order, clock.bootNanos())) {
            case Template.Answer.Forked forked -> adopt(template, forked, succession, launch);
            case Template.Answer.Cold cold -> {
                LOG.info("{} starts cold: {}", launch.token(), cold.why());
                yield Optional.empty();
            }
            case Template.Answer.None _ -> Optional.empty();
        };
    }

    /** It is known before it may begin, so that whatever dies, no job runs that nobody waits for. */
    private Optional<JobProcess> adopt(
            Template template, Template.Answer.Forked forked, Succession succession, Launch launch) {
        Optional<JobProcess> fork = templates.adopt(template, forked.pid(), launch.token());
        if (fork.isEmpty()) {
            return fork;
        }
        if (template.go()) {
            forks.put(fork.get(), succession.known().kind());
            if (succession.worked(forked.more())) {
                remember(succession.known());
            }
            return fork;
        }
        discarded.add(fork.get());
        reaper.kill(fork.get());
        return Optional.empty();
    }

    /** With the first fork of each template, so that a file's time says when its kind was of use. */
    private void remember(Recipes.Known known) {
        try {
            if (!site.isEmpty()) {
                templates.recipes(site).keep(known);
            }
        } catch (IOException e) {
            LOG.debug("no place for what templates are made of: {}", e.toString());
        }
    }

    /**
     * Looks after the templates, at any time.
     *
     * @param freeMemoryMiB what no job has asked for
     */
    public void look(long now, long freeMemoryMiB) {
        if (!templates.knowsNoKind()) {
            templates.keep(new HashSet<>(forks.values()), now, freeMemoryMiB);
        }
    }

    public void onShortMemory() {
        templates.onShortMemory(new HashSet<>(forks.values()));
    }

    /** Whether it is the end of a template that somebody has killed, such as the kernel for want of memory. */
    public boolean isLoss(Ended end) {
        return templates.isLoss(end);
    }

    /** Takes the end of a process; false: it is a job's. */
    public boolean ended(Ended end) {
        if (forks.remove(end.process()) != null) {
            return false;
        }
        return discarded.remove(end.process()) || templates.ended(end);
    }

    /** Ends all templates; their ends will be told. */
    public void leave() {
        scripts = List.of();
        templates.leave();
    }

    /** Whether some of its processes have not ended yet. */
    public boolean isAlive() {
        return !templates.isEmpty() || !discarded.isEmpty();
    }

    public void close() {
        templates.close();
    }
}
