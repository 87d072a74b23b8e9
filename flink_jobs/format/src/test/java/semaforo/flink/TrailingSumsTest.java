package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class TrailingSumsTest {
    private static final int MEASURES = 48;
    private static final long[] LENGTHS = {300, 700, 2_800};

    @Test
    void anEventOneLengthOldIsOutAndOneNowIsIn() {
        TrailingSums sums = new TrailingSums(1, 1);
        for (long at : new long[] {100, 399, 400}) {
            sums.add(at, 0, 1, new long[] {1, 10});
            sums.close(at, new long[] {300});
        }
        assertArrayEquals(new long[] {2, 20}, sums.sums[0]);
    }

    @Test
    void agreesWithAddingEverythingUpAgain() throws Exception {
        Random random = new Random(11);
        TrailingSums state = new TrailingSums(LENGTHS.length, MEASURES);
        TreeMap<Long, long[]> panes = new TreeMap<>();
        long at = 0;
        for (int i = 0; i < 5_000; i++) {
            at += 10 * (1 + random.nextInt(random.nextInt(50) == 0 ? 400 : 8));
            long[] pane = new long[1 + MEASURES];
            for (int events = random.nextInt(3); events >= 0; events--) {
                List<Long> sparse = new ArrayList<>(List.of(0L));
                for (int measure = 0; measure < MEASURES; measure++) {
                    if (random.nextInt(4) == 0) {
                        long value = random.nextLong() >> 20;
                        sparse.set(0, sparse.get(0) | 1L << measure);
                        sparse.add(value);
                        pane[1 + measure] += value;
                    }
                }
                pane[0]++;
                state.add(at, 1000 + at - events, 1, sparse.stream().mapToLong(v -> v).toArray());
            }
            panes.put(at, pane);
            state = i % 7 == 0 ? restored(state) : i % 5 == 0 ? state.copy() : state;
            assertEquals(1000 + at, state.close(at, LENGTHS));
            for (int window = 0; window < LENGTHS.length; window++) {
                long[] expected = new long[1 + MEASURES];
                for (long[] in : panes.tailMap(at - LENGTHS[window], false).values()) {
                    for (int j = 0; j < expected.length; j++) {
                        expected[j] += in[j];
                    }
                }
                assertArrayEquals(expected, state.sums[window], "at " + at);
            }
        }
    }

    static TrailingSums restored(TrailingSums state) throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(64);
        TrailingSumsSerializer.INSTANCE.serialize(state, out);
        return TrailingSumsSerializer.INSTANCE.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }
}
