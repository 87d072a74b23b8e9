package semaforo.flink;

import static semaforo.flink.SortingOperator.MOST_WAITING;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/**
 * What happens around the SQL of each record: before it messages are sorted by record, behind it events are admitted and
 * added up in panes, all in the task of the source; then the panes of all lanes go to the trailing sums.
 *
 * <p>A lane only asks an event for the measures that its record can touch, and the sums of a pane leave the task, not its
 * events. All lanes hang on one source, so they see one watermark.
 */
public final class Lanes {
    private final StreamTableEnvironment tables;
    private final List<String> measures;
    private final List<Scope> scopes;
    private final long paneMs;
    private final boolean dropDuplicates;
    private final Set<String> missing;
    private DataStream<Tuple6<String, Long, Long, Long, long[], String>> panes;
    private DataStream<RowData> rejected;

    /**
     * @param measures all of them, in the order of a KPI row
     * @param scopes like "route 24h=86400000 7d=604800000"
     * @param paneMs length of a pane: ids are remembered for as long as theirs is open
     * @param dropDuplicates whether ids are remembered at all
     */
    public Lanes(
            StreamTableEnvironment tables,
            List<String> measures,
            List<String> scopes,
            long paneMs,
            boolean dropDuplicates) {
        if (measures.size() > Measures.MOST) {
            throw new ValidationException("at most " + Measures.MOST + " measures, not " + measures.size());
        }
        this.tables = tables;
        this.measures = List.copyOf(measures);
        this.scopes = scopes.stream().map(Scope::parse).toList();
        this.paneMs = paneMs;
        this.dropDuplicates = dropDuplicates;
        this.missing = new TreeSet<>(measures);
    }

    /**
     * Sorts the messages of the source by record ({@link SortingOperator}): one table per record, of its name, with the
     * fields that the source's column of that name has, and `message`.
     *
     * @param aheadMs how far ahead of the newest clock beat an event may lie
     */
    public void sort(String messages, List<String> records, long aheadMs) {
        Table source = tables.from(messages);
        DataType type = rowType(source);
        RowType wide = (RowType) type.getLogicalType();
        List<Lane> lanes = records.stream().map(record -> new Lane(record, wide)).toList();
        SingleOutputStreamOperator<RowData> sorted = tables.<RowData>toDataStream(source, type)
                .transform("sort", InternalTypeInfo.of(wide), new SortingOperator(wide, lanes, aheadMs, MOST_WAITING))
                .uid("sort");
        for (Lane lane : lanes) {
            register(lane.record, sorted.getSideOutput(lane.tag), Lane.type(lane.record, wide));
        }
        rejected = sorted.getSideOutput(Rejected.TAG);
    }

    /** Makes a view one stream under a new name: what is asked of it often is then worked out once. */
    public void settle(String view, String name) {
        Table settled = tables.from(view);
        register(name, stream(settled), rowType(settled));
    }

    /** A column that takes the watermarks along: without one, SQL drops them. */
    private void register(String name, DataStream<RowData> stream, DataType type) {
        Schema schema = Schema.newBuilder()
                .fromRowDataType(type)
                .columnByExpression("watermarked_at", "CAST(NULL AS TIMESTAMP_LTZ(3))")
                .watermark("watermarked_at", "SOURCE_WATERMARK()")
                .build();
        tables.createTemporaryView(name, stream, schema);
    }

    /** Takes in what a record's SQL makes of it: a view with the columns that {@link LaneColumns} names. */
    public void admit(String view) {
        Table facts = tables.from(view);
        RowType row = (RowType) rowType(facts).getLogicalType();
        LaneColumns columns = new LaneColumns(row, measures);
        missing.removeAll(columns.measures());
        SingleOutputStreamOperator<RowData> admitted = stream(facts)
                .transform(
                        "admit " + view,
                        InternalTypeInfo.of(row),
                        new AdmissionOperator(columns, paneMs, dropDuplicates))
                .uid("admit-" + view);
        DataStream<Tuple6<String, Long, Long, Long, long[], String>> sums = admitted.transform(
                        "panes of " + view,
                        PaneOperator.OUTPUT,
                        new PaneOperator(columns, paneMs, scopes, measures.size()))
                .uid("panes-" + view);
        panes = panes == null ? sums : panes.union(sums);
        rejected = rejected.union(admitted.getSideOutput(Rejected.TAG));
    }

    /** Registers what was not admitted, as `rejected`, with the columns of {@link Rejected}. */
    public void registerRejected() {
        Schema columns = Schema.newBuilder().fromRowDataType(Rejected.TYPE).build();
        tables.createTemporaryView("rejected", rejected, columns);
    }

    /** The KPI rows of all lanes, packed as requests to the stream ({@link RowPacker}). */
    public DataStream<byte[]> rows(int buckets, int revision) {
        if (!missing.isEmpty()) {
            throw new ValidationException("no record adds to the measures " + missing);
        }
        return panes.keyBy(pane -> pane.f0, Types.STRING)
                .transform(
                        "trailing",
                        PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
                        new TrailingOperator(scopes, measures.size(), buckets, revision))
                .uid("trailing");
    }

    /** With columns that may all be null: for those that may not, Flink would look at every row whether they are. */
    private DataStream<RowData> stream(Table table) {
        DataTypes.Field[] columns = table.getResolvedSchema().getColumns().stream()
                .map(column -> DataTypes.FIELD(column.getName(), column.getDataType().nullable()))
                .toArray(DataTypes.Field[]::new);
        return tables.toDataStream(table, DataTypes.ROW(columns).notNull().bridgedTo(RowData.class));
    }

    private static DataType rowType(Table table) {
        return table.getResolvedSchema().toPhysicalRowDataType().bridgedTo(RowData.class);
    }
}
