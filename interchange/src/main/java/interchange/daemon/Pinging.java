package interchange.daemon;

import interchange.broker.Broker;
import interchange.core.Now;
import interchange.proto.control.PingResponse;
import java.util.function.Supplier;

/** Says how the daemon is. Query thread. */
final class Pinging {
    private static final long MILLIS_PER_SECOND = 1_000;

    private final Supplier<Broker.Counters> dropped;
    private final Live live;
    private final Troubles troubles;
    private final Home home;
    private final Machine machine;
    private final String version;
    private final Supplier<Now> clock;
    private final long startedSteadyMillis;

    Pinging(
            Supplier<Broker.Counters> dropped,
            Live live,
            Troubles troubles,
            Home home,
            Machine machine,
            String version,
            Supplier<Now> clock) {
        this.dropped = dropped;
        this.live = live;
        this.troubles = troubles;
        this.home = home;
        this.machine = machine;
        this.version = version;
        this.clock = clock;
        this.startedSteadyMillis = clock.get().steadyMillis();
    }

    PingResponse ping() throws RequestException {
        Broker.Counters counters = dropped.get();
        long upMillis = clock.get().steadyMillis() - startedSteadyMillis;
        PingResponse.Builder response = PingResponse.newBuilder()
                .setVersion(version)
                .setHost(machine.host())
                .setPid(machine.pid())
                .setUptimeSeconds(upMillis / MILLIS_PER_SECOND)
                .setHome(home.directory().toString())
                .setDroppedMessages(counters.unreadable())
                .setRefusedHandshakes(counters.refused())
                .setActiveRuns(
                        live.ask((scheduler, now) -> scheduler.activeRuns().size()))
                .setWorkers(live.ask(
                        (scheduler, now) -> scheduler.cluster(now).workers().size()));
        return response.addAllTroubles(troubles.present()).build();
    }
}
