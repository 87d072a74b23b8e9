package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.record.TimestampType;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MessageDeserializerTest {
    private static final RowType ROW = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("record", DataTypes.STRING()),
                    DataTypes.FIELD("problem", DataTypes.STRING()),
                    DataTypes.FIELD("raw", DataTypes.BYTES()),
                    DataTypes.FIELD("clock_beat_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("event_id", DataTypes.STRING()),
                    DataTypes.FIELD("event_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("carrier", DataTypes.INT()),
                    DataTypes.FIELD("origin", DataTypes.INT()),
                    DataTypes.FIELD("destination", DataTypes.INT()),
                    DataTypes.FIELD("carriers", DataTypes.ARRAY(DataTypes.STRING())),
                    DataTypes.FIELD("source_topic", DataTypes.STRING()),
                    DataTypes.FIELD("source_partition", DataTypes.INT()),
                    DataTypes.FIELD("source_offset", DataTypes.BIGINT()),
                    DataTypes.FIELD("appended_at", DataTypes.BIGINT()))
            .getLogicalType();
    private static final long NOON = 1_360_238_400_000L;
    private static final long AHEAD_MS = 1_000;
    private static final long BOUND_MS = 50;

    private final MessageDeserializer deserializer =
            new MessageDeserializer(Registered.all(), ROW, InternalTypeInfo.of(ROW));
    private final WatermarkGenerator<RowData> clock =
            new BeatWatermarks(ROW, new BeatWatermarks.Limits(AHEAD_MS, BOUND_MS, Duration.ofMinutes(1)));
    private long offset;

    @BeforeEach
    void open() {
        deserializer.open(null);
    }

    private RowData read(String topic, int partition, long appendedMs, byte[] bytes) {
        List<RowData> rows = new ArrayList<>();
        deserializer.deserialize(
                new ConsumerRecord<>(
                        topic,
                        partition,
                        offset++,
                        appendedMs,
                        TimestampType.LOG_APPEND_TIME,
                        0,
                        bytes == null ? 0 : bytes.length,
                        null,
                        bytes,
                        new RecordHeaders(),
                        Optional.empty()),
                new ListCollector<>(rows));
        assertEquals(1, rows.size());
        return rows.get(0);
    }

    private static byte[] beat(long atMs, String origin, String destination) {
        return Registered.message(new GenericRecordBuilder(Registered.schema("RouteHeartbeat.v1"))
                .set("event_id", "b").set("event_at", atMs).set("source", "test")
                .set("origin", origin).set("destination", destination)
                .build());
    }

    /** What time it is after a message, appended at NOON; null if nobody can tell. */
    private Long timeAfter(byte[] bytes) {
        clock.onEvent(read("test.flight-status", 0, NOON, bytes), NOON, null);
        List<Long> times = new ArrayList<>();
        clock.onPeriodicEmit(new WatermarkOutput() {
            @Override
            public void emitWatermark(Watermark watermark) {
                times.add(watermark.getTimestamp());
            }

            @Override
            public void markIdle() {}

            @Override
            public void markActive() {}
        });
        return times.isEmpty() ? null : times.get(0);
    }

    @Test
    void aRowSaysWhereItsMessageStoodGoodOrBad() {
        read("test.flight-status", 1, NOON, beat(NOON, null, null));
        RowData good = read("test.flight-finance", 3, NOON + 7, beat(NOON, "JFK", "LAX"));
        assertEquals("JFK", Iata.text(good.getInt(7)));
        assertEquals("test.flight-finance 3 1 " + (NOON + 7), place(good));
        byte[] poison = {1, 2, 3};
        RowData bad = read("test.flight-status", 2, NOON + 8, poison);
        assertEquals("no single-object marker", bad.getString(1).toString());
        assertArrayEquals(poison, bad.getBinary(2));
        assertEquals("test.flight-status 2 2 " + (NOON + 8), place(bad));
        assertTrue(bad.isNullAt(0) && bad.isNullAt(7)); // nothing is left of the message before
        assertEquals("empty message", read("test.flight-status", 2, NOON, null).getString(1).toString());
        assertTrue(read("test.flight-status", 2, NOON, beat(NOON, "JFK", "LAX")).isNullAt(1));
    }

    private static String place(RowData row) {
        return row.getString(10) + " " + row.getInt(11) + " " + row.getLong(12) + " " + row.getLong(13);
    }

    @Test
    void onlyClockBeatsMoveTimeForwardAndNoneThatRunsAhead() {
        assertEquals(null, timeAfter(beat(NOON, "JFK", "LAX")));
        assertEquals(null, timeAfter(new byte[] {1}));
        assertEquals(null, timeAfter(beat(NOON + AHEAD_MS + 1, null, null)));
        assertEquals(NOON - 1 - BOUND_MS, timeAfter(beat(NOON, null, null)));
        assertEquals(NOON - 1 - BOUND_MS, timeAfter(beat(NOON - 500, null, null)));
        assertEquals(NOON - 1 - BOUND_MS, timeAfter(beat(NOON + AHEAD_MS + 1, null, null)));
        assertEquals(NOON + AHEAD_MS - 1 - BOUND_MS, timeAfter(beat(NOON + AHEAD_MS, null, null)));
        assertEquals(NOON + AHEAD_MS - 1 - BOUND_MS, timeAfter(beat(NOON + AHEAD_MS, "JFK", null)));
    }

    @Test
    void aColumnThatIsMissingFailsWhereTheJobIsBuilt() {
        RowType without = new RowType(ROW.getFields().subList(0, ROW.getFieldCount() - 1));
        assertThrows(
                ValidationException.class,
                () -> new MessageDeserializer(Registered.all(), without, InternalTypeInfo.of(without)));
    }
}
