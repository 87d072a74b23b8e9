package semaforo.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** Single objects of our records to facts, by Avro's generic reader; objects are reused. */
final class FactDeserializer implements Deserializer<Fact> {

    private static final int HEADER_BYTES = 10;
    private static final int FINGERPRINT_AT = 2;
    private static final long LATE_MS = 15 * 60_000;
    private static final long ONE_DOLLAR_PPM = 1_000_000;

    private final Map<Long, Reader> readers = new HashMap<>();
    private BinaryDecoder decoder;

    FactDeserializer(List<Schema> schemas) {
        for (Schema schema : schemas) {
            readers.put(SchemaNormalization.parsingFingerprint64(schema), new Reader(schema));
        }
    }

    @Override
    public Fact deserialize(String topic, byte[] message) {
        long fingerprint = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getLong(FINGERPRINT_AT);
        Reader reader = readers.get(fingerprint);
        if (reader == null) {
            throw new SerializationException("unknown schema fingerprint " + Long.toHexString(fingerprint));
        }
        decoder = DecoderFactory.get()
                .binaryDecoder(message, HEADER_BYTES, message.length - HEADER_BYTES, decoder);
        try {
            return reader.read(decoder);
        } catch (IOException e) {
            throw new SerializationException(e);
        }
    }

    private static final class Reader {

        private final String record;
        private final GenericDatumReader<GenericRecord> avro;
        private GenericRecord reused;

        Reader(Schema schema) {
            record = schema.getName();
            avro = new GenericDatumReader<>(schema);
        }

        Fact read(BinaryDecoder decoder) throws IOException {
            reused = avro.read(reused, decoder);
            long at = whole("event_at");
            return switch (record) {
                case "FlightStatus" -> reused.get("state").toString().equals("ARRIVED")
                        ? Fact.ofFlight(
                                at,
                                whole("actual_arrival_at") - whole("scheduled_arrival_at") < LATE_MS,
                                whole("seats") * whole("distance_km"))
                        : Fact.ofNothing(at);
                case "FlightFinance" -> Fact.ofMoney(
                        at,
                        (whole("ticket_revenue_minor") * whole("usd_per_unit_ppm") + ONE_DOLLAR_PPM / 2)
                                / ONE_DOLLAR_PPM);
                case "FlightOperation" -> Fact.ofDelay(at, whole("carrier_delay_minutes"));
                case "PassengerFeedback" -> Fact.ofAnswer(
                        at, reused.get("satisfaction") != null && whole("satisfaction") >= 4);
                case "RouteHeartbeat" -> Fact.beat(at);
                default -> throw new SerializationException(record + " is not on these topics");
            };
        }

        private long whole(String field) {
            return ((Number) reused.get(field)).longValue();
        }
    }
}
