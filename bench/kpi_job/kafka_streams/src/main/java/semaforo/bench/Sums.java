package semaforo.bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/** A pane: how many events, and the sums of what they added. */
record Sums(
        long events,
        long flights,
        long arrivalsOnTime,
        long seatKm,
        long ticketRevenue,
        long carrierDelayMinutes,
        long satisfied) {

    static final Sums NONE = new Sums(0, 0, 0, 0, 0, 0, 0);

    private static final int BYTES = 7 * Long.BYTES;

    Sums plus(Fact fact) {
        return new Sums(
                events + 1,
                flights + fact.flights(),
                arrivalsOnTime + fact.arrivalsOnTime(),
                seatKm + fact.seatKm(),
                ticketRevenue + fact.ticketRevenue(),
                carrierDelayMinutes + fact.carrierDelayMinutes(),
                satisfied + fact.satisfied());
    }

    static Serde<Sums> serde() {
        Serializer<Sums> write = (topic, sums) -> ByteBuffer.allocate(BYTES)
                .putLong(sums.events)
                .putLong(sums.flights)
                .putLong(sums.arrivalsOnTime)
                .putLong(sums.seatKm)
                .putLong(sums.ticketRevenue)
                .putLong(sums.carrierDelayMinutes)
                .putLong(sums.satisfied)
                .array();
        Deserializer<Sums> read = (topic, bytes) -> {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Sums(
                    buffer.getLong(),
                    buffer.getLong(),
                    buffer.getLong(),
                    buffer.getLong(),
                    buffer.getLong(),
                    buffer.getLong(),
                    buffer.getLong());
        };
        return Serdes.serdeFrom(write, read);
    }
}
