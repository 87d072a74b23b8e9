package semaforo.flink;

import java.util.Arrays;
import org.apache.flink.table.data.StringData;

/**
 * Short strings that come again and again (a heartbeat's carriers), kept instead of made anew.
 *
 * <p>Direct-mapped: a collision only costs the saving.
 */
final class StringPool {
    private static final int SLOTS = 512;
    private static final int LONGEST = 8;

    private final byte[][] bytes = new byte[SLOTS][];
    private final StringData[] strings = new StringData[SLOTS];

    StringData get(byte[] message, int start, int end) {
        if (end - start > LONGEST) {
            return StringData.fromBytes(message, start, end - start);
        }
        int hash = end - start;
        for (int i = start; i < end; i++) {
            hash = 31 * hash + message[i];
        }
        int slot = (hash ^ hash >>> 9 ^ hash >>> 18) & (SLOTS - 1);
        byte[] kept = bytes[slot];
        if (kept != null && Arrays.equals(kept, 0, kept.length, message, start, end)) {
            return strings[slot];
        }
        bytes[slot] = Arrays.copyOfRange(message, start, end);
        strings[slot] = StringData.fromBytes(bytes[slot]);
        return strings[slot];
    }
}
