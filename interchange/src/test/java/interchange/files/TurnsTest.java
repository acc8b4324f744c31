package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.files.Turns.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private long now;
    private final Turns turns = new Turns(() -> now);
    private final List<Peer> granted = new ArrayList<>();

    private void ask(Peer peer) {
        assertThat(turns.ask(peer, () -> granted.add(peer))).isTrue();
    }

    private List<Peer> askAll(long link, int count) {
        List<Peer> peers = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            peers.add(new Peer(link, i));
            ask(peers.getLast());
        }
        return peers;
    }

    @Test
    void aFewAtATimeFirstComeFirstServed() {
        List<Peer> peers = askAll(1, Turns.UNDER_WAY_MAX + 2);
        assertThat(granted).isEqualTo(peers.subList(0, Turns.UNDER_WAY_MAX));
        // Asked twice, it keeps its place.
        ask(peers.get(Turns.UNDER_WAY_MAX));
        turns.end(peers.getFirst());
        assertThat(granted.getLast()).isEqualTo(peers.get(Turns.UNDER_WAY_MAX));
        assertThat(turns.isWaiting(peers.getLast())).isTrue();
    }

    @Test
    void anyNumberOfTurnsMayComeBackAtOnce() {
        askAll(1, Turns.UNDER_WAY_MAX);
        for (int i = 1; i < Turns.WAITING_MAX; i++) {
            // As with a connection that has gone: nothing can be sent.
            Peer gone = new Peer(2, i);
            turns.ask(gone, () -> turns.end(gone));
        }
        Peer last = new Peer(3, 1);
        ask(last);

        turns.end(granted.getFirst());

        assertThat(granted.getLast()).isEqualTo(last);
        assertThat(turns.has(last)).isTrue();
    }

    @Test
    void whoHasATurnMayAskForTheNextHoweverManyWait() {
        askAll(1, Turns.UNDER_WAY_MAX + Turns.WAITING_MAX);
        assertThat(turns.ask(new Peer(2, 1), () -> {})).isFalse();
        Peer first = granted.getFirst();
        assertThat(turns.ask(first, () -> {})).isTrue();
        assertThat(granted).hasSize(Turns.UNDER_WAY_MAX + 1);
    }

    @Test
    void aWindowThatStandsStillIsAnothersAndTheLivingKeepTheRest() {
        List<Peer> peers = askAll(1, Turns.UNDER_WAY_MAX + 1);
        now += Turns.EXPIRY_NANOS;
        peers.stream().skip(1).forEach(turns::moved);
        now++;

        assertThat(turns.expire(now)).containsExactly(peers.getFirst());

        assertThat(granted.getLast()).isEqualTo(peers.getLast());
        assertThat(turns.has(peers.get(1))).isTrue();
        assertThat(turns.has(peers.getFirst())).isFalse();
    }

    @Test
    void aDeadConnectionLosesAllThatItWaitsForWithItsFirstTurn() {
        List<Peer> dead = askAll(1, 1_000);
        now += Turns.EXPIRY_NANOS / 2;
        List<Peer> others = askAll(2, Turns.UNDER_WAY_MAX);
        now += Turns.EXPIRY_NANOS / 2 + 1;

        assertThat(turns.expire(now)).containsExactlyInAnyOrderElementsOf(dead);

        assertThat(granted.subList(Turns.UNDER_WAY_MAX, granted.size())).isEqualTo(others);
        assertThat(dead).noneMatch(turns::isWaiting).noneMatch(turns::has);
    }

    @Test
    void ofManyDeadConnectionsOnlyTheFirstIsWaitedFor() {
        for (int link = 1; link <= 10; link++) {
            askAll(link, 2 * Turns.UNDER_WAY_MAX);
        }
        now += Turns.SILENCE_NANOS + 1;
        Peer alive = new Peer(11, 1);
        ask(alive);

        turns.expire(now);

        assertThat(turns.has(alive)).isTrue();
        assertThat(granted).hasSize(Turns.UNDER_WAY_MAX + 1);
    }

    @Test
    void whoAsksAgainForWhatWaitsIsAliveThoughAWindowStandsStill() {
        List<Peer> peers = askAll(1, Turns.UNDER_WAY_MAX + 2);
        now += Turns.EXPIRY_NANOS;
        ask(peers.getLast());
        now++;

        turns.expire(now);

        assertThat(turns.has(peers.get(Turns.UNDER_WAY_MAX))).isTrue();
        assertThat(turns.has(peers.getLast())).isTrue();
    }
}
