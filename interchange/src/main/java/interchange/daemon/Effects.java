package interchange.daemon;

import interchange.broker.WorkerCodec;
import interchange.core.Effect;
import interchange.core.Site;
import interchange.core.Timing;
import interchange.proto.worker.Acknowledge;
import interchange.proto.worker.Drain;
import interchange.proto.worker.HeartbeatAck;
import interchange.proto.worker.Kill;
import interchange.proto.worker.Limits;
import interchange.proto.worker.Refused;
import interchange.proto.worker.Retract;
import interchange.proto.worker.Shutdown;
import interchange.proto.worker.ToWorker;
import interchange.proto.worker.Welcome;
import interchange.site.SiteConfig;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Performs each kind of effect. Called on the conductor's thread. */
final class Effects implements Performer {
    /** What a refused worker waits before its next Hello. */
    private static final Duration REFUSED_RETRY = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(Effects.class);

    private final Sessions sessions;
    private final Dispatcher dispatcher;
    private final Blocks blocks;
    private final Sites sites;
    private final Consumer<Effect.TakeIn> takeIn;
    private final Timing timing;
    private final String version;

    Effects(
            Sessions sessions,
            Dispatcher dispatcher,
            Blocks blocks,
            Sites sites,
            Consumer<Effect.TakeIn> takeIn,
            Timing timing,
            String version) {
        this.sessions = sessions;
        this.dispatcher = dispatcher;
        this.blocks = blocks;
        this.sites = sites;
        this.takeIn = takeIn;
        this.timing = timing;
        this.version = version;
    }

    @Override
    public void perform(List<Effect> effects) {
        Bundles.of(effects).forEach(this::perform);
    }

    private void perform(Effect effect) {
        switch (effect) {
            case Effect.Welcome e -> welcome(e);
            case Effect.Refuse e -> refuse(e);
            case Effect.Start e -> dispatcher.start(e);
            case Effect.Retract e ->
                send(
                        e.session(),
                        message().setRetract(Retract.newBuilder().addAllAttempts(WorkerCodec.names(e.attempts()))));
            case Effect.Kill e ->
                send(e.session(), message().setKill(Kill.newBuilder().addAllAttempts(WorkerCodec.names(e.attempts()))));
            case Effect.Acknowledge e ->
                send(
                        e.session(),
                        message()
                                .setAcknowledge(
                                        Acknowledge.newBuilder().addAllAttempts(WorkerCodec.names(e.attempts()))));
            case Effect.AnswerHeartbeat e ->
                send(
                        e.session(),
                        message().setHeartbeatAck(HeartbeatAck.newBuilder().setNumber(e.number())));
            case Effect.DrainWorker e -> send(e.session(), message().setDrain(Drain.getDefaultInstance()));
            case Effect.ShutDownWorker e -> send(e.session(), message().setShutdown(Shutdown.getDefaultInstance()));
            case Effect.ForgetSession e -> sessions.forget(e.session());
            case Effect.SubmitBlock e -> blocks.submit(e);
            case Effect.CancelBlocks e -> blocks.cancel(e);
            case Effect.PollBlocks e -> blocks.poll(e);
            case Effect.TakeIn e -> takeIn.accept(e);
            case Effect.RunEnded e -> LOG.info("Run {} ended: {}.", e.run(), e.state());
            case Effect.Notice e -> LOG.warn("{}", e.text());
            case Effect.Stop _ -> LOG.info("Everything that was to be waited for is done.");
        }
    }

    private void welcome(Effect.Welcome e) {
        Site site = sites.get(e.site()).core();
        SiteConfig config = sites.get(e.site()).config();
        sessions.open(e.session(), e.link(), config.logs());
        send(
                e.session(),
                message()
                        .setWelcome(Welcome.newBuilder()
                                .setVersion(version)
                                .setHeartbeatMillis(timing.heartbeat().toMillis())
                                .setLeaseMillis(site.disconnectGrace().toMillis())
                                .setKillGraceMillis(site.killGrace().toMillis())
                                .setScratch(config.scratch())
                                .setFileCacheMib(config.fileCacheMiB())
                                .addAllWarm(config.warm())
                                .setCommandPrefix(config.commandPrefix())
                                .setSite(config.name())
                                .setLimits(limits(config))
                                .addAllKill(WorkerCodec.names(e.kill()))
                                .addAllAcknowledged(WorkerCodec.names(e.acknowledged()))));
        LOG.info("Worker {} is connected (session {}).", e.worker(), e.session());
    }

    private static Limits limits(SiteConfig config) {
        return Limits.newBuilder()
                .setEnforceMemory(
                        switch (config.enforceMemory()) {
                            case OBSERVE -> Limits.EnforceMemory.OBSERVE;
                            case ON -> Limits.EnforceMemory.ON;
                            case OFF -> Limits.EnforceMemory.OFF;
                        })
                .setMemoryMargin(config.memoryMargin())
                .setPin(config.pin())
                .setDrainBeforeMillis(config.drainBefore().toMillis())
                .build();
    }

    private void refuse(Effect.Refuse e) {
        LOG.info("A worker was refused: {}", e.reason());
        sessions.sendOutside(
                e.link(),
                message()
                        .setRefused(Refused.newBuilder()
                                .setReason(e.reason())
                                .setTryAgain(e.tryAgain())
                                .setRetryMillis(REFUSED_RETRY.toMillis())));
    }

    private void send(long session, ToWorker.Builder message) {
        sessions.send(session, message);
    }

    private static ToWorker.Builder message() {
        return ToWorker.newBuilder();
    }
}
