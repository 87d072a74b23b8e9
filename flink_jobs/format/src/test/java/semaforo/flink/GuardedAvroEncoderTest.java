package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.Test;

class GuardedAvroEncoderTest {
    private static final RowType ROW = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("reason", DataTypes.STRING()),
                    DataTypes.FIELD("topic", DataTypes.STRING()),
                    DataTypes.FIELD("partition", DataTypes.INT()),
                    DataTypes.FIELD("offset", DataTypes.BIGINT()),
                    DataTypes.FIELD("payload", DataTypes.BYTES()),
                    DataTypes.FIELD("event_id", DataTypes.STRING()),
                    DataTypes.FIELD("event_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("source", DataTypes.STRING()))
            .getLogicalType();

    @Test
    void writesWhatAvrosOwnWriterWrites() {
        byte[] expected = Registered.message(new GenericRecordBuilder(Registered.schema("DeadLetter.v1"))
                .set("event_id", "t-1-9")
                .set("event_at", 5L)
                .set("source", "kpi-job")
                .set("topic", "t")
                .set("partition", 1)
                .set("offset", 9L)
                .set("payload", ByteBuffer.wrap(new byte[] {1, -1}))
                .set("reason", "año")
                .build());
        GenericRowData row = GenericRowData.of(
                StringData.fromString("año"), StringData.fromString("t"), 1, 9L, new byte[] {1, -1},
                StringData.fromString("t-1-9"), 5L, StringData.fromString("kpi-job"));
        assertArrayEquals(expected, new GuardedAvroEncoder(Registered.all(), "DeadLetter", ROW).serialize(row));
    }

    @Test
    void aRecordThatNeedsAnotherColumnFailsWhereTheJobIsBuilt() {
        assertThrows(ValidationException.class, () -> new GuardedAvroEncoder(Registered.all(), "LateEvent", ROW));
        assertThrows(ValidationException.class, () -> new GuardedAvroEncoder(Registered.all(), "Nothing", ROW));
    }
}
