package semaforo.flink;

import java.util.List;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple5;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.table.api.Table;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/** Turns the table of panes into KPI rows of all scopes and windows, packed for the stream. */
public final class Trailing {
    private static final List<String> KEYS =
            List.of("at", "origin", "destination", "flown_by", "events", "ingested_at");

    private static final TypeInformation<Tuple5<String, Long, Long, Long, long[]>> PANE_OF_ENTITY = Types.TUPLE(
            Types.STRING,
            Types.LONG,
            Types.LONG,
            Types.LONG,
            PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO);

    private Trailing() {}

    /**
     * @param panes `at`, `origin`, `destination`, `flown_by`, `events`, `ingested_at`, then the measures, all BIGINT
     * @param scopes like "route 24h=86400000 7d=604800000"
     * @return requests to the stream, as {@link RowPacker} writes them
     */
    public static DataStream<String> rows(
            StreamTableEnvironment tables, Table panes, List<String> scopes, int buckets, int revision) {
        DataType type = panes.getResolvedSchema().toPhysicalRowDataType().bridgedTo(RowData.class);
        RowType row = (RowType) type.getLogicalType();
        int measures = row.getFieldCount() - KEYS.size();
        if (!row.getFieldNames().subList(0, KEYS.size()).equals(KEYS) || measures > Measures.MOST) {
            throw new ValidationException(
                    "panes need the columns " + KEYS + " and at most " + Measures.MOST + " measures, not " + row);
        }
        List<Scope> parsed = scopes.stream().map(Scope::parse).toList();
        return tables.<RowData>toDataStream(panes, type)
                .flatMap(new ByEntity(parsed, measures))
                .returns(PANE_OF_ENTITY)
                .name("by entity")
                .uid("by-entity")
                .keyBy(pane -> pane.f0, Types.STRING)
                .transform("trailing", Types.STRING, new TrailingOperator(parsed, measures, buckets, revision))
                .uid("trailing");
    }

    /** A pane for each entity that it belongs to. */
    private static final class ByEntity implements FlatMapFunction<RowData, Tuple5<String, Long, Long, Long, long[]>> {
        private static final long serialVersionUID = 1L;

        private final List<Scope> scopes;
        private final int measures;

        ByEntity(List<Scope> scopes, int measures) {
            this.scopes = List.copyOf(scopes);
            this.measures = measures;
        }

        @Override
        public void flatMap(RowData pane, Collector<Tuple5<String, Long, Long, Long, long[]>> out) {
            String origin = pane.getString(1).toString();
            String destination = pane.getString(2).toString();
            String flownBy = pane.getString(3).toString();
            long[] sparse = Measures.of(pane, KEYS.size(), measures);
            for (Scope scope : scopes) {
                for (String entity : scope.entities(origin, destination, flownBy)) {
                    out.collect(Tuple5.of(
                            TrailingOperator.key(scope, entity),
                            pane.getLong(0),
                            pane.getLong(5),
                            pane.getLong(4),
                            sparse));
                }
            }
        }
    }
}
