package semaforo.flink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.table.data.RowData;

/**
 * What happened in each pane (s, s + pane], by entity: (scope and entity, pane's end, newest append time, events,
 * measures, carriers). Only routes have carriers.
 *
 * <p>Events are added up here, so that few rows cross to another task: by flown leg and carrier while the pane is open,
 * by entity when the watermark closes it. Those that are open at a checkpoint are its state: they may be many, since a job
 * that catches up reads the topics with few bytes a minute far ahead of the others. (Sent on half done, they would wait in
 * the trailing sums of every entity, which then spent a third of their CPU on finding them.)
 */
final class PaneOperator extends AbstractStreamOperator<Tuple6<String, Long, Long, Long, long[], String>>
        implements OneInputStreamOperator<RowData, Tuple6<String, Long, Long, Long, long[], String>> {
    private static final long serialVersionUID = 1L;

    static final TypeInformation<Tuple6<String, Long, Long, Long, long[], String>> OUTPUT = Types.TUPLE(
            Types.STRING,
            Types.LONG,
            Types.LONG,
            Types.LONG,
            PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO,
            Types.STRING);

    private static final int EVENTS = 0;
    private static final int INGESTED_AT = 1;
    private static final int FIRST_MEASURE = 2;

    private final LaneColumns columns;
    private final long paneMs;
    private final List<Scope> scopes;

    private transient TreeMap<Long, Map<Leg, long[]>> panes;

    /** What a restart found open, by pane. */
    private transient TreeMap<Long, List<Tuple6<String, Long, Long, Long, long[], String>>> restored;

    /** A block of bytes for each pane: Flink writes elements one by one, and notes where each of them stands. */
    private transient ListState<byte[]> state;

    private transient TypeSerializer<Tuple6<String, Long, Long, Long, long[], String>> serializer;
    private transient Map<Leg, long[]> last;
    private transient long lastEnd;
    private transient StreamRecord<Tuple6<String, Long, Long, Long, long[], String>> reused;

    PaneOperator(LaneColumns columns, long paneMs, List<Scope> scopes) {
        this.columns = columns;
        this.paneMs = paneMs;
        this.scopes = List.copyOf(scopes);
    }

    /** The end of the pane that an instant is in: a fact at 10:05:00.000 is in the pane that ends then. */
    static long endOfPane(long atMs, long paneMs) {
        return -Math.floorDiv(-atMs, paneMs) * paneMs;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("panes", BytePrimitiveArraySerializer.INSTANCE));
        serializer = OUTPUT.createSerializer(getExecutionConfig().getSerializerConfig());
        panes = new TreeMap<>();
        restored = new TreeMap<>();
        for (byte[] block : state.get()) {
            DataInputDeserializer source = new DataInputDeserializer(block);
            while (source.available() > 0) {
                Tuple6<String, Long, Long, Long, long[], String> pane = serializer.deserialize(source);
                restored.computeIfAbsent(pane.f1, end -> new ArrayList<>()).add(pane);
            }
        }
        state.clear();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        List<byte[]> blocks = new ArrayList<>();
        for (List<Tuple6<String, Long, Long, Long, long[], String>> some : restored.values()) {
            blocks.add(block(some));
        }
        for (Map.Entry<Long, Map<Leg, long[]>> pane : panes.entrySet()) {
            List<Tuple6<String, Long, Long, Long, long[], String>> entities = new ArrayList<>();
            byEntity(pane.getKey(), pane.getValue(), entities::add);
            blocks.add(block(entities));
        }
        state.update(blocks);
    }

    private byte[] block(List<Tuple6<String, Long, Long, Long, long[], String>> entities) throws IOException {
        DataOutputSerializer target = new DataOutputSerializer(1 << 14);
        for (Tuple6<String, Long, Long, Long, long[], String> entity : entities) {
            serializer.serialize(entity, target);
        }
        return target.getCopyOfBuffer();
    }

    /** The checkpoint has its copy. */
    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        state.clear();
    }

    @Override
    public void open() throws Exception {
        super.open();
        reused = new StreamRecord<>(null);
    }

    @Override
    public void processElement(StreamRecord<RowData> element) {
        RowData row = element.getValue();
        Message message = columns.message(row);
        long[] sums = sumsOf(message);
        sums[EVENTS]++;
        sums[INGESTED_AT] = Math.max(sums[INGESTED_AT], message.appendedMs());
        columns.add(row, sums, FIRST_MEASURE);
    }

    private long[] sumsOf(Message message) {
        long end = endOfPane(message.eventAtMs(), paneMs);
        if (last == null || end != lastEnd) {
            last = panes.computeIfAbsent(end, e -> new HashMap<>());
            lastEnd = end;
        }
        return last.computeIfAbsent(message.leg(), leg -> new long[FIRST_MEASURE + columns.measures().size()]);
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        Map<Long, List<Tuple6<String, Long, Long, Long, long[], String>>> kept =
                restored.headMap(mark.getTimestamp(), true);
        kept.values().forEach(some -> some.forEach(pane -> output.collect(reused.replace(pane))));
        kept.clear();
        Map<Long, Map<Leg, long[]>> closed = panes.headMap(mark.getTimestamp(), true);
        closed.forEach((end, legs) -> byEntity(end, legs, pane -> output.collect(reused.replace(pane))));
        closed.clear();
        last = null;
        super.processWatermark(mark);
    }

    /**
     * Idleness ends here. Each lane has a channel of its own to the trailing sums; the first to wake would be taken for
     * all of them, and its watermark would close panes before the others had sent theirs.
     */
    @Override
    public void processWatermarkStatus(WatermarkStatus status) {}

    private void byEntity(
            long end, Map<Leg, long[]> legs, Consumer<Tuple6<String, Long, Long, Long, long[], String>> consumer) {
        Map<EntityKey, Sums> entities = new HashMap<>(4 * legs.size());
        legs.forEach((leg, sums) -> {
            for (EntityKey key : leg.keys(scopes)) {
                entities.computeIfAbsent(key, k -> new Sums(sums.length))
                        .add(sums, key.hasCarriers ? leg.flownBy : "");
            }
        });
        entities.forEach((key, sums) -> {
            long[] measures = columns.sparse(sums.values, FIRST_MEASURE);
            consumer.accept(Tuple6.of(
                    key.text, end, sums.values[INGESTED_AT], sums.values[EVENTS], measures, sums.flownBy));
        });
    }

    /** Those of an entity's legs together. */
    private static final class Sums {
        final long[] values;
        String flownBy = "";

        Sums(int length) {
            values = new long[length];
        }

        void add(long[] more, String carriers) {
            long ingestedAt = Math.max(values[INGESTED_AT], more[INGESTED_AT]);
            for (int i = 0; i < more.length; i++) {
                values[i] += more[i];
            }
            values[INGESTED_AT] = ingestedAt;
            flownBy = FlownBy.together(flownBy, carriers);
        }
    }
}
