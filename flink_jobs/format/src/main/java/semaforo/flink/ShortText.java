package semaforo.flink;

import org.apache.flink.table.data.StringData;

/** Texts of one to eight visible ASCII characters (sources, currencies) as numbers: a byte per character. */
final class ShortText {
    /** Any other text. */
    static final long NONE = 0;

    private static final int MOST = Long.BYTES;

    private ShortText() {}

    static long number(StringData text) {
        byte[] bytes = text.toBytes();
        return number(bytes, 0, bytes.length);
    }

    static long number(byte[] text, int start, int end) {
        if (end - start > MOST) {
            return NONE;
        }
        long number = 0;
        for (int at = start; at < end; at++) {
            if (text[at] <= ' ' || text[at] > '~') {
                return NONE;
            }
            number = number << Byte.SIZE | text[at];
        }
        return number;
    }
}
