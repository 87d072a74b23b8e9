package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.apache.flink.table.data.StringData;
import org.junit.jupiter.api.Test;

class SeenIdsTest {
    private static StringData id(String text) {
        return StringData.fromString(text);
    }

    @Test
    void anIdIsNewOnceUntilItsPaneIsForgotten() {
        SeenIds seen = new SeenIds(100);
        assertTrue(seen.add(id("a"), 100));
        assertFalse(seen.add(id("a"), 100));
        assertTrue(seen.add(id("a"), 101)); // the next pane: (100, 200]
        seen.forgetUpTo(99);
        assertFalse(seen.add(id("a"), 100));
        seen.forgetUpTo(100);
        assertTrue(seen.add(id("a"), 100));
        assertFalse(seen.add(id("a"), 101));
    }

    @Test
    void agreesWithASetOnRandomIdsAcrossASnapshot() {
        Random random = new Random(3);
        SeenIds seen = new SeenIds(60_000);
        Set<String> exact = new HashSet<>();
        for (int i = 0; i < 200_000; i++) {
            long at = random.nextInt(300_000);
            String text = "B6-" + random.nextInt(100_000) + "-x".repeat(random.nextInt(9));
            assertEquals(exact.add(-Math.floorDiv(-at, 60_000) + text), seen.add(id(text), at));
            if (i % 50_000 == 0) {
                SeenIds restored = new SeenIds(60_000);
                seen.snapshot().forEach(restored::restore);
                seen = restored;
            }
        }
    }

    @Test
    void aTableThatIsUsedAgainHoldsNothingOfItsFormerPane() {
        SeenIds seen = new SeenIds(100);
        for (int size : new int[] {1_000, 1_000, 3, 2_000, 0, 2_000}) {
            for (int i = 0; i < size; i++) {
                assertTrue(seen.add(id("id" + i), 50));
            }
            for (int i = 0; i < size; i++) {
                assertFalse(seen.add(id("id" + i), 50));
            }
            long held = seen.snapshot().stream().mapToLong(block -> block.length / Long.BYTES / 2).sum();
            assertEquals(size, held);
            seen.forgetUpTo(100);
        }
    }
}
