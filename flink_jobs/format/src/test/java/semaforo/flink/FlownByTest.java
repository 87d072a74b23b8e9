package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FlownByTest {
    private static final List<String> TEXTS = List.of("", "", "B6", "DL", "AA,B6", "AA,B6,DL", "9E");

    @Test
    void aCarrierIsThereUntilItsNewestPaneIsOneLengthOld() {
        FlownBy flownBy = new FlownBy();
        flownBy.add(100, "B6");
        flownBy.add(150, "DL");
        flownBy.add(400, "AA,DL");
        assertEquals("B6", flownBy.close(100, 300));
        assertEquals("B6,DL", flownBy.close(150, 300));
        assertEquals("B6,DL", flownBy.close(399, 300)); // a pane of nobody
        assertEquals("AA,DL", flownBy.close(400, 300));
        assertEquals("AA,DL", flownBy.close(450, 300));
        assertEquals("", flownBy.close(700, 300));
    }

    @Test
    void anOpenPaneDoesNotSpeakForOneThatClosesBeforeIt() {
        FlownBy flownBy = new FlownBy();
        flownBy.add(200, "B6");
        flownBy.add(100, "DL");
        flownBy.add(100, "B6");
        assertEquals("B6,DL", flownBy.close(100, 100));
        assertEquals("B6", flownBy.close(200, 100));
    }

    @Test
    void textsAddUpInOrder() {
        assertEquals("B6", FlownBy.together("B6", "B6"));
        assertEquals("B6", FlownBy.together("B6", ""));
        assertEquals("B6", FlownBy.together("", "B6"));
        assertEquals("9E,B6,DL", FlownBy.together("DL,B6", "9E,B6"));
    }

    @Test
    void agreesWithLookingAtAllPanesAgain() throws Exception {
        Random random = new Random(5);
        TrailingSums state = new TrailingSums(1, 1);
        TreeMap<Long, String> panes = new TreeMap<>();
        long at = 0;
        for (int i = 0; i < 5_000; i++) {
            at += 10 * (1 + random.nextInt(random.nextInt(30) == 0 ? 60 : 5));
            for (int events = random.nextInt(3); events >= 0; events--) {
                String carriers = TEXTS.get(random.nextInt(TEXTS.size()));
                state.flownBy.add(at, carriers);
                panes.merge(at, carriers, (some, more) -> some + "," + more);
            }
            state = i % 7 == 0 ? TrailingSumsTest.restored(state) : i % 5 == 0 ? state.copy() : state;
            TreeSet<String> expected = new TreeSet<>();
            panes.tailMap(at - 300, false).values().forEach(carriers -> expected.addAll(List.of(carriers.split(","))));
            expected.remove("");
            assertEquals(String.join(",", expected), state.flownBy.close(at, 300), "at " + at);
        }
    }
}
