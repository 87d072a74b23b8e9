package semaforo.flink;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    private final LaneColumns columns;
    private final long paneMs;
    private final List<Scope> scopes;
    private final int measures;

    private transient Panes panes;
    private transient int lane;

    /** What a restart found open, by pane. */
    private transient TreeMap<Long, List<Tuple6<String, Long, Long, Long, long[], String>>> restored;

    /** A block of bytes for each pane: Flink writes elements one by one, and notes where each of them stands. */
    private transient ListState<byte[]> state;

    private transient TypeSerializer<Tuple6<String, Long, Long, Long, long[], String>> serializer;
    private transient StreamRecord<Tuple6<String, Long, Long, Long, long[], String>> reused;

    /** @param measures how many there are, of all lanes */
    PaneOperator(LaneColumns columns, long paneMs, List<Scope> scopes, int measures) {
        this.columns = columns;
        this.paneMs = paneMs;
        this.scopes = List.copyOf(scopes);
        this.measures = measures;
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
        panes = Panes.of(getContainingTask(), scopes, measures);
        lane = panes.join();
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
        if (lane == 0) {
            for (List<Tuple6<String, Long, Long, Long, long[], String>> some : panes.held()) {
                blocks.add(block(some));
            }
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
        panes.add(endOfPane(message.eventAtMs(), paneMs), message, columns, row);
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        Map<Long, List<Tuple6<String, Long, Long, Long, long[], String>>> kept =
                restored.headMap(mark.getTimestamp(), true);
        kept.values().forEach(some -> some.forEach(pane -> output.collect(reused.replace(pane))));
        kept.clear();
        panes.pass(lane, mark.getTimestamp(), pane -> output.collect(reused.replace(pane)));
        super.processWatermark(mark);
    }

    /**
     * Idleness ends here. Each lane has a channel of its own to the trailing sums; the first to wake would be taken for
     * all of them, and its watermark would close panes before the others had sent theirs.
     */
    @Override
    public void processWatermarkStatus(WatermarkStatus status) {}
}
