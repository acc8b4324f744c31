package interchange.worker.files;

import interchange.proto.files.FileName;
import interchange.proto.files.Found;
import interchange.proto.worker.AttemptName;
import interchange.proto.worker.StagedFile;
import interchange.worker.process.NodeTroubleException;
import interchange.worker.process.NotStartedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings inputs: asks what they are, takes from the cache what is there, fetches the rest, each content once, and gives
 * each job its own. The courier's.
 */
final class Arrivals implements Download.Owner {
    private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);
    private static final int IN_VAIN_MAX = 3;

    private final Desk desk;
    private final Patience patience;
    private final Map<AttemptName, Arrival> arrivals = new LinkedHashMap<>();
    private final Map<String, Fetch> fetches = new HashMap<>();

    /** A content on its way, and who waits for it. */
    private record Fetch(Download download, List<Waiter> waiters) {}

    private record Waiter(Arrival arrival, StagedFile file) {}

    Arrivals(Desk desk, Patience patience) {
        this.desk = desk;
        this.patience = patience;
    }

    void begin(Order order) {
        Arrival arrival = new Arrival(order, System.nanoTime());
        arrivals.put(order.attempt(), arrival);
        prepare(arrival);
    }

    private void prepare(Arrival arrival) {
        if (arrival.isOver()) {
            return;
        }
        desk.withStore(
                store -> store.make(arrival.order),
                folder -> {
                    arrival.folder(folder);
                    if (arrival.isOver()) {
                        desk.remove(folder);
                    } else {
                        lookAtAll(arrival);
                    }
                },
                e -> stuck(arrival, "can't make a directory for the job (scratch)", e, () -> prepare(arrival)));
    }

    /** Also at outputs and logs: what has no place is better known before the job runs. */
    private void lookAtAll(Arrival arrival) {
        List<FileName.Log> logs = arrival.order.oneLog()
                ? List.of(FileName.Log.STDOUT)
                : List.of(FileName.Log.STDOUT, FileName.Log.STDERR);
        arrival.expects(arrival.order.files().size() + logs.size());
        for (StagedFile file : arrival.order.files()) {
            look(arrival, file);
        }
        for (FileName.Log log : logs) {
            FileName name = FileName.newBuilder()
                    .setAttempt(arrival.order.attempt())
                    .setLog(log)
                    .build();
            look(arrival, name, _ -> got(arrival));
        }
    }

    private void look(Arrival arrival, StagedFile file) {
        look(arrival, arrival.name(file), found -> {
            if (file.getKind() == StagedFile.Kind.OUTPUT) {
                got(arrival);
            } else {
                want(
                        new Waiter(arrival, file),
                        HexFormat.of().formatHex(found.getSha256().toByteArray()),
                        found);
            }
        });
    }

    private void look(Arrival arrival, FileName name, java.util.function.Consumer<Found> then) {
        if (arrival.isOver()) {
            return;
        }
        Looking looking =
                new Looking(name, then, why -> fail(arrival, why), why -> arrival.notNow(why, System.nanoTime()));
        arrival.exchanges.add(looking);
        desk.talks().begin(looking);
    }

    private void want(Waiter waiter, String hash, Found found) {
        if (waiter.arrival().isOver()) {
            return;
        }
        var cached = desk.store().cache().use(hash);
        if (cached.isPresent()) {
            give(waiter, cached.get(), found);
            return;
        }
        Fetch present = fetches.get(hash);
        if (present != null) {
            present.waiters().add(waiter);
            return;
        }
        try {
            FileChannel channel = desk.store().openPartial(hash);
            Download download = new Download(
                    hash,
                    found.getSha256().toByteArray(),
                    found.getSize(),
                    waiter.arrival().name(waiter.file()),
                    channel,
                    this);
            fetches.put(hash, new Fetch(download, new ArrayList<>(List.of(waiter))));
            if (download.isEmpty()) {
                download.finish();
            } else {
                desk.talks().begin(download);
            }
        } catch (IOException e) {
            stuck(waiter.arrival(), "can't write an input", e, () -> want(waiter, hash, found));
        }
    }

    private void give(Waiter waiter, Cache.Entry entry, Found found) {
        Arrival arrival = waiter.arrival();
        boolean executable = waiter.file().getKind() == StagedFile.Kind.EXECUTABLE;
        desk.withStore(
                store -> {
                    store.give(
                            entry, arrival.folder().work().resolve(waiter.file().getName()), executable);
                    return true;
                },
                _ -> {
                    desk.store().cache().giveBack(entry);
                    got(arrival);
                },
                e -> {
                    Cache cache = desk.store().cache();
                    cache.giveBack(entry);
                    if (e instanceof Store.DamagedException) {
                        LOG.warn("{}: fetched again", e.getMessage());
                        cache.remove(entry);
                        want(waiter, entry.hash(), found);
                    } else {
                        stuck(
                                arrival,
                                "can't write the input " + waiter.file().getName(),
                                e,
                                () -> want(waiter, entry.hash(), found));
                    }
                });
    }

    private void got(Arrival arrival) {
        if (!arrival.isOver() && arrival.got()) {
            arrivals.remove(arrival.order.attempt());
            arrival.end();
            desk.tell(new News.Fetched(arrival.order.attempt(), arrival.folder()));
        }
    }

    // ---- what may go wrong

    /** A full disk may have room soon, and the cache makes some; anything else is told at once. */
    private void stuck(Arrival arrival, String what, IOException e, Runnable again) {
        if (arrival.isOver()) {
            return;
        }
        if (!isOfTheNode(e)) {
            fail(arrival, what + " on the node: " + e);
        } else if (desk.makesRoom()) {
            again.run();
        } else if (arrival.stuckFor(System.nanoTime()) >= patience.noRoom().toNanos()) {
            drop(arrival.order.attempt());
            desk.tell(new News.NoRoom(arrival.order.attempt(), what + " on the node: " + e));
        } else {
            desk.later(patience.room(), again);
        }
    }

    /** No job is to blame for it. */
    static boolean isOfTheNode(IOException e) {
        return NotStartedException.of("", e) instanceof NodeTroubleException;
    }

    private void fail(Arrival arrival, String why) {
        if (!arrival.isOver()) {
            drop(arrival.order.attempt());
            desk.tell(new News.NotFetched(arrival.order.attempt(), why));
        }
    }

    /** False: it is none of those that are being brought. */
    boolean drop(AttemptName attempt) {
        Arrival arrival = arrivals.remove(attempt);
        if (arrival == null) {
            return false;
        }
        arrival.end();
        arrival.exchanges.forEach(desk.talks()::end);
        for (Iterator<Fetch> all = fetches.values().iterator(); all.hasNext(); ) {
            Fetch fetch = all.next();
            if (fetch.waiters().removeIf(waiter -> waiter.arrival() == arrival)) {
                if (fetch.waiters().isEmpty()) {
                    all.remove();
                    desk.talks().end(fetch.download());
                    discard(fetch.download());
                } else if (fetch.download().source().getAttempt().equals(attempt)) {
                    Waiter next = fetch.waiters().getFirst();
                    fetch.download().from(next.arrival().name(next.file()));
                }
            }
        }
        if (arrival.hasFolder()) {
            desk.remove(arrival.folder());
        }
        return true;
    }

    private void discard(Download download) {
        close(download);
        Trees.remove(desk.store().cache().partial(download.hash()));
    }

    private static void close(Download download) {
        try {
            download.close();
        } catch (IOException e) {
            LOG.warn("closing an input: {}", e.toString());
        }
    }

    /** Now and then: what has waited too long. */
    void tick(long now, long controlUpNanos) {
        Talks talks = desk.talks();
        for (Arrival arrival : List.copyOf(arrivals.values())) {
            if (talks.unreachableNanos().isPresent()) {
                long since =
                        Math.max(Math.max(talks.unreachableNanos().getAsLong(), arrival.sinceNanos), controlUpNanos);
                if (controlUpNanos != Long.MAX_VALUE
                        && now - since >= patience.unreachable().toNanos()) {
                    fail(
                            arrival,
                            "its files can't travel: this node reaches the daemon, but not its port for files, which"
                                    + " filesPort in its config.yaml sets; see that no firewall is in between: "
                                    + talks.unreachable());
                }
            } else if (arrival.notNowFor(now) >= patience.notNow().toNanos()) {
                fail(arrival, arrival.notNow());
            }
        }
    }

    // ---- what becomes of a fetch

    @Override
    public void complete(Download download, boolean right) {
        List<Waiter> waiters = taken(download);
        close(download);
        Cache cache = desk.store().cache();
        if (!right) {
            Trees.remove(cache.partial(download.hash()));
            lookAgain(waiters, "arrived with another content than it was announced with");
            return;
        }
        try {
            cache.add(download.hash());
        } catch (IOException e) {
            for (Waiter waiter : waiters) {
                stuck(waiter.arrival(), "can't keep an input", e, () -> look(waiter.arrival(), waiter.file()));
            }
            return;
        }
        // From the cache, each by a look of its own: what was found is found again at once.
        for (Waiter waiter : waiters) {
            cache.use(download.hash())
                    .ifPresent(entry -> give(
                            waiter,
                            entry,
                            Found.newBuilder()
                                    .setSha256(com.google.protobuf.ByteString.fromHex(download.hash()))
                                    .setSize(download.size())
                                    .build()));
        }
        cache.shrink();
    }

    private List<Waiter> taken(Download download) {
        Fetch fetch = fetches.remove(download.hash());
        return fetch == null ? List.of() : fetch.waiters();
    }

    private void lookAgain(List<Waiter> waiters, String why) {
        for (Waiter waiter : waiters) {
            if (waiter.arrival().inVain() > IN_VAIN_MAX) {
                fail(waiter.arrival(), "the input " + waiter.file().getName() + " " + why + ", again and again");
            } else {
                look(waiter.arrival(), waiter.file());
            }
        }
    }

    @Override
    public void changed(Download download) {
        List<Waiter> waiters = taken(download);
        discard(download);
        lookAgain(waiters, "changed while it was fetched");
    }

    @Override
    public void refused(Download download, String why) {
        List<Waiter> waiters = taken(download);
        discard(download);
        lookAgain(waiters, "was refused (" + why + ")");
    }

    @Override
    public void notNow(Download download, String why) {
        Fetch fetch = fetches.get(download.hash());
        if (fetch != null) {
            fetch.waiters().forEach(waiter -> waiter.arrival().notNow(why, System.nanoTime()));
        }
    }

    @Override
    public Exchange.Next stuck(Download download, IOException e) {
        if (isOfTheNode(e) && desk.makesRoom()) {
            return Exchange.Next.ASK;
        }
        Fetch fetch = fetches.get(download.hash());
        List<Waiter> waiters = fetch == null ? List.of() : List.copyOf(fetch.waiters());
        for (Waiter waiter : waiters) {
            stuck(waiter.arrival(), "can't write an input", e, () -> {});
        }
        return fetches.containsKey(download.hash()) ? Exchange.Next.ASK_LATER : Exchange.Next.OVER;
    }
}
