package interchange.daemon;

import interchange.core.BlockPhase;
import interchange.core.Recovered;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/** The blocks that are not over as far as we know, with their names in their batch systems. Any thread. */
final class KnownBlocks {
    private final Map<Integer, Known> known = new ConcurrentHashMap<>();

    /** @param batchId empty: what became of its submission was never heard */
    private record Known(int site, String token, String batchId) {}

    void recover(List<Recovered.BlockRecord> blocks) {
        for (Recovered.BlockRecord block : blocks) {
            // Of one that vanished the end is asked for when its last worker is.
            if (!block.phase().over() || block.phase() == BlockPhase.GONE) {
                known.put(block.block(), new Known(block.site(), block.token(), block.batchId()));
            }
        }
    }

    void intended(int block, int site, String token) {
        known.put(block, new Known(site, token, ""));
    }

    void named(int block, String batchId) {
        known.computeIfPresent(block, (id, before) -> new Known(before.site(), before.token(), batchId));
    }

    void forget(int block) {
        known.remove(block);
    }

    Optional<String> token(int block) {
        return Optional.ofNullable(known.get(block)).map(Known::token);
    }

    /** The site of the first of these that is known. */
    OptionalInt anySite(List<Integer> blocks) {
        return blocks.stream()
                .map(known::get)
                .filter(Objects::nonNull)
                .mapToInt(Known::site)
                .findFirst();
    }

    /** Those of these that their batch system has named. */
    Map<String, Integer> byBatchId(List<Integer> blocks) {
        Map<String, Integer> found = new HashMap<>();
        for (int block : blocks) {
            Known mine = known.get(block);
            if (mine != null && !mine.batchId().isEmpty()) {
                found.put(mine.batchId(), block);
            }
        }
        return found;
    }

    /** Those of these of which only the token is known. */
    Map<String, Integer> byToken(List<Integer> blocks) {
        Map<String, Integer> found = new HashMap<>();
        for (int block : blocks) {
            Known mine = known.get(block);
            if (mine != null && mine.batchId().isEmpty()) {
                found.put(mine.token(), block);
            }
        }
        return found;
    }
}
