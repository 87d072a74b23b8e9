package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SortingOperatorTest {
    private static final RowType WIDE = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("record", DataTypes.STRING()),
                    DataTypes.FIELD("problem", DataTypes.STRING()),
                    DataTypes.FIELD("raw", DataTypes.BYTES()),
                    DataTypes.FIELD("event_id", DataTypes.STRING()),
                    DataTypes.FIELD("event_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("carrier", DataTypes.INT()),
                    DataTypes.FIELD("origin", DataTypes.INT()),
                    DataTypes.FIELD("destination", DataTypes.INT()),
                    DataTypes.FIELD("carriers", DataTypes.ARRAY(DataTypes.STRING())),
                    DataTypes.FIELD("FlightStatus", DataTypes.ROW(DataTypes.FIELD("seats", DataTypes.INT()))),
                    DataTypes.FIELD("source_topic", DataTypes.STRING()),
                    DataTypes.FIELD("source_partition", DataTypes.INT()),
                    DataTypes.FIELD("source_offset", DataTypes.BIGINT()),
                    DataTypes.FIELD("appended_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("clock_beat_at", DataTypes.BIGINT()))
            .getLogicalType();
    private static final Lane FLIGHTS = new Lane("FlightStatus", WIDE);
    private static final Lane HEARTBEATS = new Lane("RouteHeartbeat", WIDE);
    private static final long APPENDED_MS = 10_000;

    private OneInputStreamOperatorTestHarness<RowData, RowData> harness;
    private RecordRow sent;

    @BeforeEach
    void start() throws Exception {
        harness = open(null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private static OneInputStreamOperatorTestHarness<RowData, RowData> open(OperatorSubtaskState restored)
            throws Exception {
        return open(restored, WIDE);
    }

    private static OneInputStreamOperatorTestHarness<RowData, RowData> open(OperatorSubtaskState restored, RowType wide)
            throws Exception {
        OneInputStreamOperatorTestHarness<RowData, RowData> harness = new OneInputStreamOperatorTestHarness<>(
                new SortingOperator(wide, List.of(FLIGHTS, HEARTBEATS), 1_000, 3));
        harness.setup(InternalTypeInfo.of(wide).toSerializer());
        if (restored != null) {
            harness.initializeState(restored);
        }
        harness.open();
        return harness;
    }

    private void send(String record, String id, long at, String by, String from, String to, String... carriers)
            throws Exception {
        RecordRow row = new RecordRow(WIDE.getFieldCount());
        sent = row;
        row.set(0, StringData.fromString(record));
        row.set(2, id.getBytes());
        row.set(3, StringData.fromString(id));
        row.set(4, at);
        row.set(5, code(by));
        row.set(6, code(from));
        row.set(7, code(to));
        if (record.equals("RouteHeartbeat")) {
            row.set(8, new GenericArrayData(
                    java.util.Arrays.stream(carriers).map(StringData::fromString).toArray()));
            new ClockBeats(WIDE).mark(row);
        }
        if (record.equals("FlightStatus")) {
            RecordRow own = new RecordRow(1);
            own.setNumber(0, 180);
            row.setObject(9, own);
        }
        stand(row);
    }

    private static Integer code(String text) {
        return text == null ? null : Iata.number(StringData.fromString(text));
    }

    private void stand(RecordRow row) throws Exception {
        row.set(10, StringData.fromString("test.flight-status"));
        row.set(11, 1);
        row.set(12, 7L);
        row.set(13, APPENDED_MS);
        harness.processElement(new StreamRecord<>(row));
    }

    private void flight(String id, long at) throws Exception {
        send("FlightStatus", id, at, "B6", "JFK", "LAX");
    }

    private void beat(long at) throws Exception {
        send("RouteHeartbeat", "beat", at, null, null, null);
    }

    private List<Message> messages(Lane lane, int column) {
        Queue<StreamRecord<RowData>> records = harness.getSideOutput(lane.tag);
        List<Message> messages = new ArrayList<>();
        for (StreamRecord<RowData> record : records == null ? List.<StreamRecord<RowData>>of() : records) {
            messages.add(record.getValue().<Message>getRawValue(column).toObject(MessageSerializer.INSTANCE));
        }
        return messages;
    }

    private List<String> flights() {
        return messages(FLIGHTS, 1).stream().map(m -> m.eventId().toString()).toList();
    }

    private List<String> dead() {
        return Rows.rejected(harness);
    }

    @Test
    void eachRecordGoesToItsLaneAndBeatsToNone() throws Exception {
        beat(1_000);
        flight("one", 1_050);
        send("RouteHeartbeat", "alive", 1_060, null, "JFK", "LAX", "DL", "B6", "DL");
        flight("two", 2_000);
        assertEquals(List.of("one", "two"), flights());
        RowData row = harness.getSideOutput(FLIGHTS.tag).peek().getValue();
        assertEquals(180, row.getInt(0));
        Message message = messages(FLIGHTS, 1).get(0);
        assertEquals(1_050, message.eventAtMs());
        assertEquals(APPENDED_MS, message.appendedMs());
        assertEquals(new Leg("JFK", "LAX", "B6"), message.leg());
        assertEquals(
                List.of(new Leg("JFK", "LAX", "DL,B6")),
                messages(HEARTBEATS, 0).stream().map(Message::leg).toList());
        assertEquals(List.of(), dead());
    }

    @Test
    void whatIsUnsoundIsDeadAndSaysWhy() throws Exception {
        beat(1_000);
        RecordRow unreadable = new RecordRow(WIDE.getFieldCount());
        unreadable.set(1, StringData.fromString("truncated"));
        unreadable.set(2, new byte[] {9});
        stand(unreadable);
        send("FlightStatus", "", 1_050, "B6", "JFK", "LAX");
        send("FlightStatus", "a", -1, "B6", "JFK", "LAX");
        send("FlightStatus", "a", 1_050, "B6", "JF1", "LAX");
        send("FlightStatus", "a", 1_050, "B6", "JFK\n", "LAX");
        send("FlightStatus", "a", 1_050, "B6", "JFK", "lax");
        send("FlightStatus", "a", 1_050, "B6", "JFK", "JFK");
        send("FlightStatus", "a", 1_050, "B\"", "JFK", "LAX");
        send("RouteHeartbeat", "a", 1_050, null, "JFK", null);
        send("RouteHeartbeat", "a", 1_050, null, "JFK", "LAX", "B6,");
        send("AircraftStatus", "a", 1_050, "B6", null, null);
        send("Unheard", "a", 1_050, "B6", "JFK", "LAX");
        flight("far", 2_001);
        beat(APPENDED_MS + 1_001);
        assertEquals(
                List.of(
                        "truncated",
                        "event_id is empty",
                        "event_at is before 1970",
                        "origin is not an IATA airport code",
                        "origin is not an IATA airport code",
                        "destination is not an IATA airport code",
                        "destination equals origin",
                        "carrier is not an IATA airline code",
                        "a heartbeat has both origin and destination, or neither",
                        "carriers are not IATA airline codes",
                        "AircraftStatus is not a record of the KPI topics",
                        "Unheard is not a record of the KPI topics",
                        "event_at is 1 s ahead of the newest clock beat",
                        "a clock beat further ahead of its append time than the ahead limit"),
                dead());
        assertEquals(List.of(), flights());
    }

    @Test
    void eventsWaitForTheFirstBeatInOrderAndBounded() throws Exception {
        flight("first", 10);
        flight("a year ahead", 1_000_000);
        flight("third", 30);
        flight("fourth", 40);
        assertEquals(List.of(), flights());
        assertEquals(List.of("more than 3 records before the first clock beat"), dead());
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = open(state);
        beat(5);
        assertEquals(List.of("first", "third"), flights());
        assertEquals(180, harness.getSideOutput(FLIGHTS.tag).peek().getValue().getInt(0));
        assertEquals(List.of("event_at is 999 s ahead of the newest clock beat"), dead());
    }

    @Test
    void whatWaitsIsACopyOfTheRowsThatTheSourceWritesAnew() throws Exception {
        flight("waits", 10);
        ((RecordRow) sent.getRow(9, 1)).setNumber(0, 7);
        sent.clear();
        beat(5);
        assertEquals(List.of("waits"), flights());
        assertEquals(180, harness.getSideOutput(FLIGHTS.tag).peek().getValue().getInt(0));
    }

    @Test
    void theNewestBeatSurvivesARestart() throws Exception {
        beat(1_000);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = open(state);
        flight("far", 2_100);
        flight("near", 1_900);
        assertEquals(List.of("near"), flights());
        assertEquals(List.of("event_at is 1 s ahead of the newest clock beat"), dead());
    }

    @Test
    void aReleaseWithAnotherFieldGoesOnFromTheSavepointUnlessRecordsWait() throws Exception {
        List<RowType.RowField> fields = new ArrayList<>(WIDE.getFields());
        fields.add(new RowType.RowField("later", DataTypes.INT().getLogicalType()));
        RowType wider = new RowType(false, fields);
        flight("waits", 10);
        OperatorSubtaskState waiting = harness.snapshot(1, 1);
        harness.close();
        assertThrows(IOException.class, () -> open(waiting, wider));
        harness = open(waiting);
        beat(1_000);
        assertEquals(List.of("waits"), flights());
        OperatorSubtaskState state = harness.snapshot(2, 2);
        harness.close();
        harness = open(state, wider);
    }

    @Test
    void theColumnOfARecordIsARow() {
        RowType wide = (RowType) DataTypes.ROW(DataTypes.FIELD("FlightStatus", DataTypes.INT())).getLogicalType();
        assertThrows(ValidationException.class, () -> new Lane("FlightStatus", wide));
    }
}
