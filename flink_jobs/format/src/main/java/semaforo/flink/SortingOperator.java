package semaforo.flink;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;

/**
 * Sorts messages right behind the source: each to the lane of its record, or dead, because it cannot be read, its head is
 * unsound, or it lies more than the ahead limit ahead of the newest clock beat.
 *
 * <p>Clock beats end here. Until the first one nothing can be told about time, so events wait for it. The newest beat and
 * the waiting are state: the verdicts after a restart are those of a run that was never interrupted.
 */
final class SortingOperator extends AbstractStreamOperator<RowData> implements OneInputStreamOperator<RowData, RowData> {
    private static final long serialVersionUID = 1L;
    private static final long NONE = Long.MIN_VALUE;

    /** Publishers beat first thing on start, so hardly any event waits; this bounds what a stream without beats costs. */
    static final int MOST_WAITING = 10_000;

    private final RowType row;
    private final TypeSerializer<RowData> serializer;
    private final List<Lane> lanes;
    private final long aheadMs;
    private final int mostWaiting;

    private transient MessageReader reader;
    private transient long newestBeat;
    private transient Deque<RowData> waiting;
    private transient StringData[] names;
    private transient StringData lastRecord;
    private transient Lane lastLane;

    private transient ListState<long[]> beatState;

    /**
     * The columns of the waiting rows, then the rows, as one block; nothing where none waits. (A state of rows would have
     * their type: Flink refuses the savepoint of a release whose schemas had a field less, though nothing waits in it.)
     */
    private transient ListState<byte[]> waitingState;

    private transient Counter deadCount;
    private transient StreamRecord<RowData> reused;

    SortingOperator(RowType row, List<Lane> lanes, long aheadMs, int mostWaiting) {
        this.row = row;
        serializer = InternalTypeInfo.of(row).toSerializer();
        reader = new MessageReader(row); // a column that is missing fails where the job is built
        this.lanes = List.copyOf(lanes);
        this.aheadMs = aheadMs;
        this.mostWaiting = mostWaiting;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        OperatorStateStore store = context.getOperatorStateStore();
        // All subtasks read all beats, since partitions may come to another subtask.
        beatState = store.getUnionListState(new ListStateDescriptor<>("beat", LongPrimitiveArraySerializer.INSTANCE));
        waitingState =
                store.getListState(new ListStateDescriptor<>("waiting rows", BytePrimitiveArraySerializer.INSTANCE));
        newestBeat = NONE;
        waiting = new ArrayDeque<>();
        if (context.isRestored()) {
            for (long[] beat : beatState.get()) {
                newestBeat = Math.max(newestBeat, beat[0]);
            }
            for (byte[] block : waitingState.get()) {
                restore(new DataInputDeserializer(block));
            }
        }
    }

    private void restore(DataInputDeserializer source) throws IOException {
        if (!source.readUTF().equals(columns())) {
            throw new IOException("records wait for the first clock beat as another release wrote them: beat, then update");
        }
        while (source.available() > 0) {
            waiting.add(serializer.deserialize(source));
        }
    }

    private String columns() {
        return Integer.toHexString(row.asSummaryString().hashCode());
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        beatState.update(List.of(new long[] {newestBeat}));
        DataOutputSerializer target = new DataOutputSerializer(1 << 10);
        target.writeUTF(columns());
        for (RowData message : waiting) {
            serializer.serialize(message, target);
        }
        waitingState.update(waiting.isEmpty() ? List.of() : List.of(target.getCopyOfBuffer()));
    }

    @Override
    public void open() throws Exception {
        super.open();
        reader = new MessageReader(row);
        names = lanes.stream().map(lane -> FieldReaders.binary(lane.record)).toArray(StringData[]::new);
        reused = new StreamRecord<>(null);
        deadCount = getMetricGroup().counter("dead");
    }

    @Override
    public void processElement(StreamRecord<RowData> element) {
        RowData message = element.getValue();
        String problem = reader.problem(message, aheadMs);
        if (problem != null) {
            bury(message, problem);
        } else if (reader.isClockBeat(message)) {
            newestBeat = Math.max(newestBeat, reader.eventAtMs(message));
            while (!waiting.isEmpty()) {
                sort(waiting.poll());
            }
        } else if (newestBeat != NONE) {
            sort(message);
        } else if (waiting.size() < mostWaiting) {
            waiting.add(serializer.copy(message));
        } else {
            bury(message, "more than " + mostWaiting + " records before the first clock beat");
        }
    }

    private void sort(RowData message) {
        long aheadOfBeatMs = reader.eventAtMs(message) - newestBeat;
        Lane lane = laneOf(reader.record(message));
        if (aheadOfBeatMs > aheadMs) {
            bury(message, "event_at is " + aheadOfBeatMs / 1000 + " s ahead of the newest clock beat");
        } else if (lane == null) {
            bury(message, reader.record(message) + " is not a record of the KPI topics");
        } else {
            output.collect(lane.tag, reused.replace(lane.row(message, reader.message(message))));
        }
    }

    private Lane laneOf(StringData record) {
        if (record != lastRecord) { // the decoder has one instance for each name
            lastRecord = record;
            lastLane = null;
            for (int i = 0; i < lanes.size(); i++) {
                if (names[i].equals(record)) {
                    lastLane = lanes.get(i);
                }
            }
        }
        return lastLane;
    }

    private void bury(RowData message, String problem) {
        deadCount.inc();
        output.collect(
                Rejected.TAG,
                reused.replace(Rejected.of(reader.unsoundMessage(message), FieldReaders.binary(problem))));
    }
}
