package semaforo.flink;

import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.util.OutputTag;

/**
 * Messages that no window counts: where they stood, their bytes and why, or no reason if they came late. One output for
 * both, since the source's task asks each of its outputs before every message whether it may go on.
 */
final class Rejected {
    static final DataType TYPE = DataTypes.ROW(
                    DataTypes.FIELD("source_topic", DataTypes.STRING()),
                    DataTypes.FIELD("source_partition", DataTypes.INT()),
                    DataTypes.FIELD("source_offset", DataTypes.BIGINT()),
                    DataTypes.FIELD("raw", DataTypes.BYTES()),
                    DataTypes.FIELD("appended_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("event_at", DataTypes.BIGINT()),
                    DataTypes.FIELD("problem", DataTypes.STRING()))
            .bridgedTo(RowData.class);

    private static final InternalTypeInfo<RowData> INFO = InternalTypeInfo.of(TYPE.getLogicalType());
    static final OutputTag<RowData> TAG = new OutputTag<>("rejected", INFO);

    private Rejected() {}

    /** @param problem null if it came late */
    static RowData of(Message message, StringData problem) {
        return GenericRowData.of(
                message.topic(),
                message.partition(),
                message.offset(),
                message.raw(),
                message.appendedMs(),
                message.eventAtMs(),
                problem);
    }
}
