package semaforo.bench;

/** What one event adds. A clock beat adds nothing: {@code isBeat}. */
record Fact(
        long eventAtMs,
        boolean isBeat,
        long flights,
        long arrivalsOnTime,
        long seatKm,
        long ticketRevenue,
        long carrierDelayMinutes,
        long satisfied) {

    static Fact beat(long eventAtMs) {
        return new Fact(eventAtMs, true, 0, 0, 0, 0, 0, 0);
    }

    static Fact ofFlight(long eventAtMs, boolean arrivesOnTime, long seatKm) {
        return new Fact(eventAtMs, false, 1, arrivesOnTime ? 1 : 0, seatKm, 0, 0, 0);
    }

    static Fact ofMoney(long eventAtMs, long ticketRevenue) {
        return new Fact(eventAtMs, false, 0, 0, 0, ticketRevenue, 0, 0);
    }

    static Fact ofDelay(long eventAtMs, long carrierDelayMinutes) {
        return new Fact(eventAtMs, false, 0, 0, 0, 0, carrierDelayMinutes, 0);
    }

    static Fact ofAnswer(long eventAtMs, boolean satisfied) {
        return new Fact(eventAtMs, false, 0, 0, 0, 0, 0, satisfied ? 1 : 0);
    }

    static Fact ofNothing(long eventAtMs) {
        return new Fact(eventAtMs, false, 0, 0, 0, 0, 0, 0);
    }
}
