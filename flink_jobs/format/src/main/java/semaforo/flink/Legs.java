package semaforo.flink;

import org.apache.flink.table.data.StringData;

/** The legs of flights met lately, each made once. Direct-mapped: a collision only costs the saving. */
final class Legs {
    private static final int SLOT_BITS = 14;

    private final long[] codes = new long[1 << SLOT_BITS];
    private final Leg[] legs = new Leg[1 << SLOT_BITS];

    private StringData lastOrigin;
    private StringData lastDestination;
    private StringData lastCarrier;
    private Leg last;

    /** Null if a code is not sound or the flight goes nowhere. Each message is asked for twice: the same strings again. */
    Leg of(StringData origin, StringData destination, StringData carrier) {
        if (origin != lastOrigin || destination != lastDestination || carrier != lastCarrier) {
            last = find(Iata.airport(origin), Iata.airport(destination), Iata.airline(carrier));
            lastOrigin = origin;
            lastDestination = destination;
            lastCarrier = carrier;
        }
        return last;
    }

    private Leg find(int from, int to, int by) {
        if (from == Iata.NONE || to == Iata.NONE || by == Iata.NONE || from == to) {
            return null;
        }
        long code = (long) from << 40 | (long) to << 16 | by;
        int slot = (int) ((code * 0x9E3779B97F4A7C15L) >>> 64 - SLOT_BITS);
        if (codes[slot] != code) {
            codes[slot] = code;
            legs[slot] = new Leg(Iata.text(from), Iata.text(to), Iata.text(by));
        }
        return legs[slot];
    }
}
