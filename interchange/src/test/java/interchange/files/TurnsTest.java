package interchange.files;

import static org.assertj.core.api.Assertions.assertThat;

import interchange.files.Turns.Peer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns();
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
}
