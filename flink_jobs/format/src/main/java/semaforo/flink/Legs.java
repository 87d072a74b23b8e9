package semaforo.flink;

/** The legs of flights met lately, each made once. Direct-mapped: a collision only costs the saving. */
final class Legs {
    private static final int SLOT_BITS = 14;

    private final long[] codes = new long[1 << SLOT_BITS];
    private final Leg[] legs = new Leg[1 << SLOT_BITS];

    /** Of codes as {@link Iata} has them. Null if one is not sound or the flight goes nowhere. */
    Leg of(int origin, int destination, int carrier) {
        boolean sound = Iata.isAirport(origin) && Iata.isAirport(destination) && Iata.isAirline(carrier);
        if (!sound || origin == destination) {
            return null;
        }
        long code = (long) origin << 40 | (long) destination << 16 | carrier;
        int slot = (int) ((code * 0x9E3779B97F4A7C15L) >>> 64 - SLOT_BITS);
        if (codes[slot] != code) {
            codes[slot] = code;
            legs[slot] = new Leg(Iata.text(origin), Iata.text(destination), Iata.text(carrier));
        }
        return legs[slot];
    }
}
