package semaforo.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;

/** Messages and a lane's rows, as the operators' tests send them, and what comes out. */
final class Rows {
    /** What a lane with two measures hands on. */
    static final RowType LANE = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("message", DataTypes.RAW(Message.class, MessageSerializer.INSTANCE)),
                    DataTypes.FIELD("problem", DataTypes.STRING()),
                    DataTypes.FIELD("seats", DataTypes.BIGINT()),
                    DataTypes.FIELD("flights", DataTypes.INT()))
            .getLogicalType();

    static final List<String> MEASURES = List.of("flights", "passengers", "seats");

    private Rows() {}

    static LaneColumns columns() {
        return new LaneColumns(LANE, MEASURES);
    }

    static Message message(String id, long eventAtMs, Leg leg) {
        StringData topic = StringData.fromString("test.flight-status");
        return new Message(topic, 2, 7, new byte[] {1, 2}, 5_000, StringData.fromString(id), eventAtMs, leg);
    }

    /** Problems and, of the late, event instants: "problem", "late 1050". */
    static List<String> rejected(OneInputStreamOperatorTestHarness<?, ?> harness) {
        Queue<StreamRecord<RowData>> records = harness.getSideOutput(Rejected.TAG);
        List<String> texts = new ArrayList<>();
        for (StreamRecord<RowData> record : records == null ? List.<StreamRecord<RowData>>of() : records) {
            RowData row = record.getValue();
            texts.add(row.isNullAt(6) ? "late " + row.getLong(5) : row.getString(6).toString());
        }
        return texts;
    }
}
