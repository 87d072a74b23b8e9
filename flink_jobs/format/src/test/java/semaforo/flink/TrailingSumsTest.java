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

    @Test
    void aCopyAndWhatItWasCopiedOfGoTheirOwnWays() throws Exception {
        Random random = new Random(12);
        List<TrailingSums> family = new ArrayList<>(List.of(new TrailingSums(LENGTHS.length, 1)));
        List<TreeMap<Long, Long>> histories = new ArrayList<>(List.of(new TreeMap<>()));
        for (int i = 1; i <= 4_000; i++) {
            int which = random.nextInt(family.size());
            TrailingSums state = family.get(which);
            if (random.nextInt(10) == 0) {
                int other = family.size() < 8 ? family.size() : random.nextInt(8);
                if (other == family.size()) {
                    family.add(state);
                    histories.add(new TreeMap<>());
                }
                family.set(other, state.copy());
                histories.set(other, new TreeMap<>(histories.get(which)));
                continue;
            }
            long at = 10L * i;
            long value = random.nextInt(1_000);
            state.add(at, at, 1, new long[] {1, value});
            state.close(at, LENGTHS);
            histories.get(which).put(at, value);
            for (int window = 0; window < LENGTHS.length; window++) {
                long sum = histories.get(which).tailMap(at - LENGTHS[window], false).values().stream()
                        .mapToLong(v -> v)
                        .sum();
                assertEquals(sum, state.sums[window][1]);
                assertEquals(sum, restored(state).sums[window][1]);
            }
        }
    }

    @Test
    void whatACheckpointWritesStaysAsItWas() throws Exception {
        TrailingSums before = new TrailingSums(1, 1);
        for (long at = 1; at <= 200; at++) {
            before.add(at, 0, 1, new long[] {1, at});
            before.close(at, new long[] {1_000});
        }
        TrailingSums after = before.copy();
        for (long at = 201; at <= 3_000; at++) {
            after.add(at, 0, 1, new long[] {1, at});
            after.close(at, new long[] {1_000});
        }
        TrailingSums written = restored(before);
        assertArrayEquals(new long[] {200, 20_100}, written.sums[0]);
        written.add(1_100, 0, 1, new long[] {0});
        written.close(1_100, new long[] {1_000}); // 101 to 200 are in
        assertArrayEquals(new long[] {101, 15_050}, written.sums[0]);
    }

    static TrailingSums restored(TrailingSums state) throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(64);
        TrailingSumsSerializer.INSTANCE.serialize(state, out);
        return TrailingSumsSerializer.INSTANCE.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }
}
