package semaforo.flink;

/** The legs of flights met lately, each made once. Direct-mapped: a collision only costs the saving. */
final class Legs {
    private static final int SLOT_BITS = 14;

    private final Leg[] legs = new Leg[1 << SLOT_BITS];

    /** Of codes as {@link Iata} has them. Null if one is not sound or the flight goes nowhere. */
    Leg of(int origin, int destination, int carrier) {
        if (!Iata.isAirline(carrier)) {
            return null;
        }
        long code = (long) origin << 40 | (long) destination << 16 | carrier;
        int slot = (int) ((code * 0x9E3779B97F4A7C15L) >>> 64 - SLOT_BITS);
        Leg leg = legs[slot];
        if (leg != null && leg.code == code) { // what is kept is sound
            return leg;
        }
        if (!Iata.isAirport(origin) || !Iata.isAirport(destination) || origin == destination) {
            return null;
        }
        legs[slot] = new Leg(Iata.text(origin), Iata.text(destination), Iata.text(carrier), code);
        return legs[slot];
    }
}
