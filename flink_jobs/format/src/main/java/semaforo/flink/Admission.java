package semaforo.flink;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.util.OutputTag;

/** Splits a table of checked records into the admitted, the late and the dead, between two stretches of SQL. */
public final class Admission {
    /**
     * @param paneMs length of a pane: ids are remembered for as long as theirs is open
     * @param aheadMs how far ahead of the newest clock beat an event may lie
     * @param dropDuplicates whether ids are remembered at all
     * @param mostWaiting how many records may wait for the first clock beat
     */
    record Limits(long paneMs, long aheadMs, boolean dropDuplicates, int mostWaiting) implements Serializable {}

    /** Publishers beat first thing on start, so hardly any record waits; this bounds what a stream without beats costs. */
    private static final int MOST_WAITING = 10_000;

    private Admission() {}

    /**
     * Needs the columns `event_id` STRING, `event_at` BIGINT (ms), `is_clock_beat` BOOLEAN and `problem` STRING; hands on
     * all columns and adds the time attribute `event_time`.
     *
     * @return admitted, late, dead
     */
    public static Table[] split(
            StreamTableEnvironment tables, Table checked, long paneMs, long aheadMs, boolean dropDuplicates) {
        DataType type = checked.getResolvedSchema().toPhysicalRowDataType().bridgedTo(RowData.class);
        RowType row = (RowType) type.getLogicalType();
        for (String column : List.of("event_id", "event_at", "is_clock_beat", "problem")) {
            if (row.getFieldIndex(column) < 0) {
                throw new ValidationException("admission needs a column " + column);
            }
        }
        InternalTypeInfo<RowData> stream = InternalTypeInfo.of(row);
        OutputTag<RowData> late = new OutputTag<>("late", stream);
        OutputTag<RowData> dead = new OutputTag<>("dead", stream);
        Limits limits = new Limits(paneMs, aheadMs, dropDuplicates, MOST_WAITING);
        SingleOutputStreamOperator<RowData> admitted = tables.<RowData>toDataStream(checked, type)
                .transform("admission", stream, new AdmissionOperator(row, dead, late, limits))
                .uid("admission");
        return new Table[] {
            table(tables, admitted, row),
            table(tables, admitted.getSideOutput(late), row),
            table(tables, admitted.getSideOutput(dead), row),
        };
    }

    private static Table table(StreamTableEnvironment tables, DataStream<RowData> stream, RowType row) {
        Schema.Builder schema = Schema.newBuilder();
        for (int i = 0; i < row.getFieldCount(); i++) {
            LogicalType type = row.getTypeAt(i);
            schema.column(row.getFieldNames().get(i), TypeConversions.fromLogicalToDataType(type));
        }
        schema.columnByExpression("event_time", "TO_TIMESTAMP_LTZ(event_at, 3)");
        schema.watermark("event_time", "SOURCE_WATERMARK()");
        return tables.fromDataStream(stream, schema.build());
    }
}
