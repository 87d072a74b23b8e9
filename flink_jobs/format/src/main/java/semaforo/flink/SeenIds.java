package semaforo.flink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;

/**
 * The event ids of the open panes, as 128-bit fingerprints (two different ids share one once in 10^26 panes of a
 * million events).
 *
 * <p>The same id always carries the same `event_at`, so a duplicate falls into the pane of the first or comes behind the
 * watermark: the ids of a pane are forgotten when the watermark passes its end, and no time to live is needed.
 */
final class SeenIds {
    private final long paneMs;
    private final TreeMap<Long, Fingerprints> panes = new TreeMap<>();
    private long lastEnd = Long.MIN_VALUE;
    private Fingerprints last;

    /** That of a forgotten pane, for the next, which then need not grow: most of what an id cost was new memory. */
    private Fingerprints spare;

    SeenIds(long paneMs) {
        this.paneMs = paneMs;
    }

    /** Whether the id, a string on the heap in one piece, is new in its pane. */
    boolean add(StringData id, long eventAtMs) {
        BinaryStringData text = (BinaryStringData) id;
        int length = text.getSizeInBytes();
        byte[] bytes = text.getSegments()[0].getArray();
        int from = text.getOffset();
        return pane(eventAtMs).add(hash(bytes, from, length, FIRST_SEED), hash(bytes, from, length, SECOND_SEED));
    }

    void forgetUpTo(long watermarkMs) {
        Iterator<Fingerprints> gone = panes.headMap(watermarkMs, true).values().iterator();
        while (gone.hasNext()) {
            spare = gone.next();
            gone.remove();
            last = null;
        }
    }

    /** A block of longs for each open pane: its end, then two for each id. */
    List<byte[]> snapshot() {
        List<byte[]> blocks = new ArrayList<>();
        for (Map.Entry<Long, Fingerprints> pane : panes.entrySet()) {
            long[] dump = pane.getValue().dump(pane.getKey());
            blocks.add(Longs.toBytes(dump, dump.length));
        }
        return blocks;
    }

    void restore(byte[] block) {
        long[] array = Longs.ofBytes(block);
        Fingerprints pane = pane(array[0]);
        for (int i = 1; i < array.length; i += 2) {
            pane.add(array[i], array[i + 1]);
        }
    }

    private Fingerprints pane(long eventAtMs) {
        long end = PaneOperator.endOfPane(eventAtMs, paneMs);
        if (last == null || end != lastEnd) {
            last = panes.computeIfAbsent(end, e -> emptyPane());
            lastEnd = end;
        }
        return last;
    }

    private Fingerprints emptyPane() {
        Fingerprints pane = spare != null && spare.isWellFilled() ? spare : new Fingerprints();
        pane.clear();
        spare = null;
        return pane;
    }

    private static final long FIRST_SEED = 0x9E3779B97F4A7C15L;
    private static final long SECOND_SEED = 0xC2B2AE3D27D4EB4FL;

    /** Eight bytes at a time, each mixed by MurmurHash3's finalizer. */
    private static long hash(byte[] bytes, int from, int length, long seed) {
        long hash = seed ^ length * 0xFF51AFD7ED558CCDL;
        int whole = from + (length & ~7);
        for (int i = from; i < whole; i += 8) {
            hash = mix(hash ^ (long) Longs.LITTLE_ENDIAN.get(bytes, i)) * 0x9FB21C651E98DF25L;
        }
        long rest = 0;
        for (int i = whole; i < from + length; i++) {
            rest = rest << 8 | (bytes[i] & 0xFF);
        }
        return mix(mix(hash ^ rest) + seed);
    }

    private static long mix(long bits) {
        bits = (bits ^ bits >>> 33) * 0xFF51AFD7ED558CCDL;
        bits = (bits ^ bits >>> 33) * 0xC4CEB9FE1A85EC53L;
        return bits ^ bits >>> 33;
    }

    /** An open-addressed set of pairs; (0, 0) marks a free slot. */
    private static final class Fingerprints {
        private long[] slots = new long[2 * 64];
        private int size;

        boolean add(long first, long second) {
            if (first == 0 && second == 0) {
                second = 1;
            }
            if (4 * size >= slots.length) { // half full
                grow();
            }
            return put(first, second);
        }

        /** Whether it is worth clearing for a pane like the last: not what a burst left behind. */
        boolean isWellFilled() {
            return 16 * size >= slots.length;
        }

        void clear() {
            if (size > 0) {
                Arrays.fill(slots, 0);
                size = 0;
            }
        }

        private boolean put(long first, long second) {
            int mask = slots.length / 2 - 1;
            int slot = (int) first & mask;
            while (slots[2 * slot] != 0 || slots[2 * slot + 1] != 0) {
                if (slots[2 * slot] == first && slots[2 * slot + 1] == second) {
                    return false;
                }
                slot = slot + 1 & mask;
            }
            slots[2 * slot] = first;
            slots[2 * slot + 1] = second;
            size++;
            return true;
        }

        private void grow() {
            long[] old = slots;
            slots = new long[2 * old.length];
            size = 0;
            for (int i = 0; i < old.length; i += 2) {
                if (old[i] != 0 || old[i + 1] != 0) {
                    put(old[i], old[i + 1]);
                }
            }
        }

        long[] dump(long end) {
            long[] dump = new long[1 + 2 * size];
            dump[0] = end;
            int next = 1;
            for (int i = 0; i < slots.length; i += 2) {
                if (slots[i] != 0 || slots[i + 1] != 0) {
                    dump[next++] = slots[i];
                    dump[next++] = slots[i + 1];
                }
            }
            return dump;
        }
    }
}
