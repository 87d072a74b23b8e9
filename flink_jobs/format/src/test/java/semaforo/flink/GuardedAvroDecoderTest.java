package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

class GuardedAvroDecoderTest {
    private static final long NOON = 1_360_238_400_000L;

    private static final DataType OUTCOME = DataTypes.ROW(
            DataTypes.FIELD("state", DataTypes.STRING()),
            DataTypes.FIELD("actual_arrival_at", DataTypes.BIGINT()),
            DataTypes.FIELD("seats", DataTypes.INT()));
    private static final RowType ROW = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("record", DataTypes.STRING()),
                    DataTypes.FIELD("problem", DataTypes.STRING()),
                    DataTypes.FIELD("raw", DataTypes.BYTES()),
                    DataTypes.FIELD("event_id", DataTypes.STRING()),
                    DataTypes.FIELD("event_at", DataTypes.TIMESTAMP_LTZ(3)),
                    DataTypes.FIELD("state", DataTypes.STRING()),
                    DataTypes.FIELD("seats", DataTypes.BIGINT()),
                    DataTypes.FIELD("actual_departure_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("after", OUTCOME),
                    DataTypes.FIELD("complaint", DataTypes.BOOLEAN()),
                    DataTypes.FIELD("recommend", DataTypes.INT()),
                    DataTypes.FIELD("carriers", DataTypes.ARRAY(DataTypes.STRING())))
            .getLogicalType();

    private final GuardedAvroDecoder decoder = decoder(Registered.all(), ROW);

    private static GuardedAvroDecoder decoder(WriterSchemas schemas, RowType row) {
        return new GuardedAvroDecoder(schemas, row, Set.of());
    }

    private static GenericRecordBuilder flight() {
        Schema schema = Registered.schema("FlightStatus.v1");
        return new GenericRecordBuilder(schema)
                .set("event_id", "e1")
                .set("event_at", NOON)
                .set("source", "test")
                .set("flight_id", "B6-1-2013-02-07-JFK")
                .set("carrier", "B6")
                .set("number", "1")
                .set("origin", "JFK")
                .set("destination", "LAX")
                .set("state", new GenericData.EnumSymbol(schema.getField("state").schema(), "DEPARTED"))
                .set("scheduled_departure_at", NOON)
                .set("scheduled_arrival_at", NOON + 1)
                .set("seats", 200);
    }

    private static GenericRecordBuilder feedback(int version) {
        return new GenericRecordBuilder(Registered.schema("PassengerFeedback.v" + version))
                .set("event_id", "f" + version)
                .set("event_at", NOON)
                .set("source", "test")
                .set("flight_id", "x")
                .set("carrier", "B6")
                .set("number", "1")
                .set("origin", "JFK")
                .set("destination", "LAX")
                .set("complaint", true);
    }

    private RowData bad(byte[] message, String reason) {
        RowData row = decoder.decode(message);
        assertTrue(row.getString(1).toString().contains(reason), row.getString(1).toString());
        for (int column = 3; column < ROW.getFieldCount(); column++) {
            assertTrue(row.isNullAt(column), "column " + column);
        }
        return row;
    }

    private String text(RowData row) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ROW.getFieldCount(); i++) {
            Object value = RowData.createFieldGetter(ROW.getTypeAt(i), i).getFieldOrNull(row);
            text.append(value instanceof byte[] bytes ? Arrays.toString(bytes) : value).append('|');
        }
        return text.toString();
    }

    @Test
    void fieldsGoToTheColumnsOfTheirNamesAndTheRestIsNull() {
        byte[] message = Registered.message(flight().set("actual_departure_at", NOON + 5).build());
        RowData row = decoder.decode(message);
        assertEquals("FlightStatus", row.getString(0).toString());
        assertTrue(row.isNullAt(1));
        assertArrayEquals(message, row.getBinary(2));
        assertEquals("e1", row.getString(3).toString());
        assertEquals(TimestampData.fromEpochMillis(NOON), row.getTimestamp(4, 3));
        assertEquals("DEPARTED", row.getString(5).toString());
        assertEquals(200, row.getLong(6));
        assertEquals(NOON + 5, row.getLong(7));
        assertTrue(row.isNullAt(8));
        assertTrue(row.isNullAt(9));
        assertTrue(row.isNullAt(11));
    }

    @Test
    void nestedRecordsAreNestedRows() {
        Schema outcome = FieldReaders.withoutNull(
                Registered.schema("FlightStatus.v1").getField("after").schema());
        GenericRecordBuilder after = new GenericRecordBuilder(outcome)
                .set("state", new GenericData.EnumSymbol(outcome.getField("state").schema(), "ARRIVED"))
                .set("actual_arrival_at", NOON)
                .set("seats", 7);
        RowData row = decoder.decode(Registered.message(flight().set("after", after.build()).build()));
        RowData nested = row.getRow(8, 3);
        assertEquals("ARRIVED", nested.getString(0).toString());
        assertEquals(NOON, nested.getLong(1));
        assertEquals(7, nested.getInt(2));
    }

    @Test
    void fieldsOfOneRecordStandInTheRowOfItsName() {
        RowType row = (RowType) DataTypes.ROW(
                        DataTypes.FIELD("event_id", DataTypes.STRING()),
                        DataTypes.FIELD("seats", DataTypes.INT()),
                        DataTypes.FIELD(
                                "FlightStatus",
                                DataTypes.ROW(
                                        DataTypes.FIELD("tail", DataTypes.STRING()),
                                        DataTypes.FIELD("seats", DataTypes.BIGINT()))),
                        DataTypes.FIELD(
                                "PassengerFeedback",
                                DataTypes.ROW(
                                        DataTypes.FIELD("recommend", DataTypes.INT()),
                                        DataTypes.FIELD("complaint", DataTypes.BOOLEAN()))))
                .getLogicalType();
        GuardedAvroDecoder nesting = decoder(Registered.all(), row);
        RowData flight = nesting.decode(Registered.message(flight().set("tail", "N1").build()));
        assertEquals("e1", flight.getString(0).toString());
        assertTrue(flight.isNullAt(1));
        assertEquals("N1", flight.getRow(2, 2).getString(0).toString());
        assertEquals(200, flight.getRow(2, 2).getLong(1));
        assertTrue(flight.isNullAt(3));
        RowData old = nesting.decode(Registered.message(feedback(1).build()));
        assertTrue(old.isNullAt(2));
        assertTrue(old.getRow(3, 2).isNullAt(0));
        assertTrue(old.getRow(3, 2).getBoolean(1));
        RowData current = nesting.decode(Registered.message(feedback(2).set("recommend", 9).build()));
        assertEquals(9, current.getRow(3, 2).getInt(0));
        RowData silent = nesting.decode(Registered.message(feedback(2).build()));
        assertTrue(silent.getRow(3, 2).isNullAt(0)); // though the message before said something
    }

    @Test
    void arraysAndAbsentRoutes() {
        GenericRecordBuilder beat = new GenericRecordBuilder(Registered.schema("RouteHeartbeat.v1"))
                .set("event_id", "b").set("event_at", NOON).set("source", "test");
        assertEquals(0, decoder.decode(Registered.message(beat.build())).getArray(11).size());
        beat.set("carriers", List.of("B6", "DL"));
        RowData row = decoder.decode(Registered.message(beat.build()));
        assertEquals("DL", row.getArray(11).getString(1).toString());
    }

    @Test
    void onlyAHeartbeatWithoutARouteTellsTheTime() {
        RowType row = (RowType) DataTypes.ROW(
                        DataTypes.FIELD("clock_beat_at", DataTypes.BIGINT()),
                        DataTypes.FIELD("event_at", DataTypes.BIGINT()),
                        DataTypes.FIELD("origin", DataTypes.STRING()),
                        DataTypes.FIELD("destination", DataTypes.STRING()))
                .getLogicalType();
        GuardedAvroDecoder telling = decoder(Registered.all(), row);
        GenericRecordBuilder beat = new GenericRecordBuilder(Registered.schema("RouteHeartbeat.v1"))
                .set("event_id", "b").set("event_at", NOON).set("source", "test");
        assertEquals(NOON, telling.decode(Registered.message(beat.build())).getLong(0));
        beat.set("destination", "LAX");
        assertTrue(telling.decode(Registered.message(beat.build())).isNullAt(0)); // unsound, and no beat
        beat.set("origin", "JFK");
        RowData heartbeat = telling.decode(Registered.message(beat.build()));
        assertTrue(heartbeat.isNullAt(0));
        assertEquals(NOON, heartbeat.getLong(1));
        assertTrue(telling.decode(Registered.message(flight().build())).isNullAt(0));
        assertTrue(telling.decode(new byte[] {1}).isNullAt(0));
    }

    @Test
    void anOlderWriterGetsTheNewestSchemasDefault() {
        RowData old = decoder.decode(Registered.message(feedback(1).build()));
        assertTrue(old.isNullAt(1));
        assertTrue(old.getBoolean(9));
        assertTrue(old.isNullAt(10));
        RowData current = decoder.decode(Registered.message(feedback(2).set("recommend", 9).build()));
        assertEquals(9, current.getInt(10));
    }

    @Test
    void defaultsOfEveryKindAndSymbolsThatTheNewestLacks() {
        Schema old = SchemaBuilder.record("R").fields()
                .name("kind").type().enumeration("K").symbols("A", "GONE").noDefault().endRecord();
        Schema newest = SchemaBuilder.record("R").fields()
                .name("kind").type().enumeration("K").defaultSymbol("A").symbols("A", "B").noDefault()
                .name("n").type().intType().intDefault(3)
                .name("l").type().longType().longDefault(4)
                .name("s").type().stringType().stringDefault("five")
                .name("b").type().booleanType().booleanDefault(true)
                .endRecord();
        RowType row = (RowType) DataTypes.ROW(
                        DataTypes.FIELD("kind", DataTypes.STRING()), DataTypes.FIELD("n", DataTypes.INT()),
                        DataTypes.FIELD("l", DataTypes.BIGINT()), DataTypes.FIELD("s", DataTypes.STRING()),
                        DataTypes.FIELD("b", DataTypes.BOOLEAN()))
                .getLogicalType();
        GenericRecordBuilder gone = new GenericRecordBuilder(old)
                .set("kind", new GenericData.EnumSymbol(old.getField("kind").schema(), "GONE"));
        RowData read = decoder(Registered.of(old, newest), row).decode(Registered.message(gone.build()));
        assertEquals("A", read.getString(0).toString());
        assertEquals(3, read.getInt(1));
        assertEquals(4, read.getLong(2));
        assertEquals("five", read.getString(3).toString());
        assertTrue(read.getBoolean(4));
    }

    @Test
    void numbersOfSymbolsAndOfCodes() {
        Schema old = SchemaBuilder.record("R").fields()
                .name("kind").type().enumeration("K").symbols("B", "A", "GONE").noDefault()
                .requiredString("code").requiredString("text").optionalString("other").endRecord();
        Schema newest = SchemaBuilder.record("R").fields()
                .name("kind").type().enumeration("K").defaultSymbol("A").symbols("A", "B").noDefault()
                .requiredString("code").requiredString("text").optionalString("other")
                .name("added").type().enumeration("L").symbols("C", "D").enumDefault("D")
                .name("new_code").type().stringType().stringDefault("B6")
                .name("new_text").type().stringType().stringDefault("modelled").endRecord();
        RowType row = (RowType) DataTypes.ROW(
                        DataTypes.FIELD("kind", DataTypes.INT()), DataTypes.FIELD("code", DataTypes.INT()),
                        DataTypes.FIELD("other", DataTypes.INT()), DataTypes.FIELD("added", DataTypes.INT()),
                        DataTypes.FIELD("text", DataTypes.BIGINT()),
                        DataTypes.FIELD("new_code", DataTypes.INT()), DataTypes.FIELD("new_text", DataTypes.BIGINT()))
                .getLogicalType();
        GuardedAvroDecoder numbers = decoder(Registered.of(old, newest), row);
        for (String[] each : new String[][] {{"B", "JFK", "1"}, {"A", "B6", "0"}, {"GONE", "Jfk", "0"}, {"A", "", "0"}}) {
            RowData read = numbers.decode(Registered.message(new GenericRecordBuilder(old)
                    .set("kind", new GenericData.EnumSymbol(old.getField("kind").schema(), each[0]))
                    .set("code", each[1])
                    .set("text", each[1])
                    .build()));
            assertEquals(Integer.parseInt(each[2]), read.getInt(0), each[0]);
            boolean isCode = each[1].equals("JFK") || each[1].equals("B6");
            assertEquals(isCode ? each[1] : Iata.NONE, isCode ? Iata.text(read.getInt(1)) : read.getInt(1));
            assertTrue(read.isNullAt(2));
            assertEquals(1, read.getInt(3));
            assertEquals(ShortText.number(each[1].getBytes(), 0, each[1].length()), read.getLong(4));
            assertEquals("B6", Iata.text(read.getInt(5)));
            assertEquals(0x6D6F64656C6C6564L, read.getLong(6));
        }
    }

    @Test
    void moreColumnsThanARowHoldsAreRefusedWhereTheJobIsBuilt() {
        RowType wide = (RowType) DataTypes.ROW(java.util.stream.IntStream.range(0, 65)
                        .mapToObj(i -> DataTypes.FIELD("c" + i, DataTypes.INT()))
                        .toArray(DataTypes.Field[]::new))
                .getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), wide));
        RowType nested = (RowType) DataTypes.ROW(DataTypes.FIELD(
                        "FlightStatus", org.apache.flink.table.types.utils.TypeConversions.fromLogicalToDataType(wide)))
                .getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), nested));
    }

    @Test
    void whatIsNoMessageSaysSo() {
        bad(null, "empty message");
        bad(new byte[0], "empty message");
        bad("garbage".getBytes(), "no single-object marker");
        bad(new byte[] {(byte) 0xC3, 1, 2}, "truncated header of 3 bytes");
        bad(new byte[] {(byte) 0xC3, 1, 8, 7, 6, 5, 4, 3, 2, 1, 0}, "unknown schema fingerprint 0102030405060708");
        byte[] good = Registered.message(flight().build());
        bad(Arrays.copyOf(good, good.length + 2), "2 bytes after the end of a FlightStatus");
    }

    @Test
    void instantsOutOfRangeAndInvalidUtf8AreMalformed() {
        bad(Registered.message(flight().set("event_at", Long.MAX_VALUE).build()), "instant out of range");
        byte[] message = Registered.message(flight().set("tail", "N123").build());
        for (int i = 0; i < message.length; i++) {
            if (message[i] == 'N' && message[i + 1] == '1') {
                message[i] = (byte) 0xFF;
            }
        }
        bad(message, "not UTF-8");
    }

    @Test
    void everyTruncationIsABadRow() {
        byte[] message = Registered.message(flight().build());
        for (int length = 0; length < message.length; length++) {
            RowData row = decoder.decode(Arrays.copyOf(message, length));
            assertFalse(row.isNullAt(1), "length " + length);
        }
    }

    @Test
    void aBadMessageAtAnyPositionLeavesItsNeighboursExact() {
        List<byte[]> good = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            good.add(Registered.message(flight().set("event_id", "e" + i).set("seats", i).build()));
            good.add(Registered.message(feedback(1 + i % 2).set("event_id", "f" + i).build()));
        }
        List<String> expected = good.stream().map(decoder::decode).map(this::text).toList();
        Random random = new Random(7);
        for (int position = 0; position <= good.size(); position++) {
            for (int variant = 0; variant < 200; variant++) {
                byte[] poison = good.get(random.nextInt(good.size())).clone();
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    poison[random.nextInt(poison.length)] ^= (byte) (1 << random.nextInt(8));
                }
                List<byte[]> batch = new ArrayList<>(good);
                batch.add(position, Arrays.copyOf(poison, random.nextInt(poison.length + 1)));
                List<String> read = new ArrayList<>(
                        batch.stream().map(decoder::decode).map(this::text).toList());
                assertNotNull(read.remove(position));
                assertEquals(expected, read);
            }
        }
    }

    @Test
    void aDamagedLengthNeitherAllocatesNorLoops() {
        byte[] beat = Registered.message(new GenericRecordBuilder(Registered.schema("RouteHeartbeat.v1"))
                .set("event_id", "b").set("event_at", NOON).set("source", "test").build());
        byte[] endless = Arrays.copyOf(beat, beat.length + 8);
        // instead of the array's end, 2^34 items
        byte[] count = {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x01};
        System.arraycopy(count, 0, endless, beat.length - 1, count.length);
        bad(endless, "truncated");
    }

    @Test
    void columnsAndSchemasThatDisagreeFailWhereTheJobIsBuilt() {
        RowType unknown = (RowType) DataTypes.ROW(DataTypes.FIELD("sets", DataTypes.INT())).getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), unknown));
        RowType wrong = (RowType) DataTypes.ROW(DataTypes.FIELD("seats", DataTypes.STRING())).getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), wrong));
        RowType others = (RowType) DataTypes.ROW(DataTypes.FIELD(
                        "FlightStatus", DataTypes.ROW(DataTypes.FIELD("recommend", DataTypes.INT()))))
                .getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), others));
        RowType noRow =
                (RowType) DataTypes.ROW(DataTypes.FIELD("FlightStatus", DataTypes.STRING())).getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), noRow));
        RowType reserved = (RowType) DataTypes.ROW(DataTypes.FIELD("raw", DataTypes.STRING())).getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), reserved));
        RowType alone = (RowType)
                DataTypes.ROW(DataTypes.FIELD("clock_beat_at", DataTypes.BIGINT())).getLogicalType();
        assertThrows(ValidationException.class, () -> decoder(Registered.all(), alone));
    }
}
