package semaforo.flink;

import org.apache.flink.table.data.StringData;

/** The legs of flights met lately, each made once. Direct-mapped: a collision only costs the saving. */
final class Legs {
    private static final int SLOT_BITS = 14;

    private final long[] codes = new long[1 << SLOT_BITS];
    private final Leg[] legs = new Leg[1 << SLOT_BITS];

    /** Of sound codes. */
    Leg of(StringData origin, StringData destination, StringData carrier) {
        long code = (long) Iata.airport(origin) << 40 | (long) Iata.airport(destination) << 16 | Iata.airline(carrier);
        int slot = (int) ((code * 0x9E3779B97F4A7C15L) >>> 64 - SLOT_BITS);
        if (codes[slot] != code) {
            codes[slot] = code;
            legs[slot] = new Leg(origin.toString(), destination.toString(), carrier.toString());
        }
        return legs[slot];
    }
}
