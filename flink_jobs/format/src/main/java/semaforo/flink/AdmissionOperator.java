package semaforo.flink;

import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;

/**
 * Decides about each event of a lane once, in the task of the source: dead, late, duplicate or admitted.
 *
 * <ul>
 *   <li>dead: the lane's SQL found a problem;
 *   <li>late: not ahead of the watermark, so its pane may have gone out;
 *   <li>duplicate: its id was admitted to the same pane before.
 * </ul>
 *
 * <p>The watermark and the ids of open panes are state: the verdicts after a restart are those of a run that was never
 * interrupted. (A source does not restore its watermark; judging by it alone, a late event read right after a restart
 * would pass.) The ids are of this subtask's partitions, and every copy of an event has its key and so its partition.
 */
final class AdmissionOperator extends AbstractStreamOperator<RowData>
        implements OneInputStreamOperator<RowData, RowData> {
    private static final long serialVersionUID = 1L;
    private static final long NONE = Long.MIN_VALUE;

    private final LaneColumns columns;
    private final long paneMs;
    private final boolean dropDuplicates;

    private transient long watermark;
    private transient SeenIds seen;

    private transient ListState<long[]> watermarkState;
    private transient ListState<byte[]> seenState;
    private transient Counter admittedCount;
    private transient Counter deadCount;
    private transient Counter lateCount;
    private transient Counter duplicateCount;
    private transient StreamRecord<RowData> reused;

    AdmissionOperator(LaneColumns columns, long paneMs, boolean dropDuplicates) {
        this.columns = columns;
        this.paneMs = paneMs;
        this.dropDuplicates = dropDuplicates;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        OperatorStateStore store = context.getOperatorStateStore();
        watermarkState =
                store.getUnionListState(new ListStateDescriptor<>("watermark", LongPrimitiveArraySerializer.INSTANCE));
        seenState = store.getUnionListState(new ListStateDescriptor<>("seen", BytePrimitiveArraySerializer.INSTANCE));
        watermark = NONE;
        seen = new SeenIds(paneMs);
        if (context.isRestored()) {
            restore();
        }
    }

    /** All subtasks read all watermarks and ids, since partitions may come to another subtask. */
    private void restore() throws Exception {
        long oldest = Long.MAX_VALUE;
        for (long[] mark : watermarkState.get()) {
            oldest = Math.min(oldest, mark[0]);
        }
        watermark = oldest == Long.MAX_VALUE ? NONE : oldest;
        for (byte[] block : seenState.get()) {
            seen.restore(block);
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        watermarkState.update(List.of(new long[] {watermark}));
        seenState.update(seen.snapshot());
    }

    /** The checkpoint has its copy. */
    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        seenState.clear();
    }

    @Override
    public void open() throws Exception {
        super.open();
        reused = new StreamRecord<>(null);
        admittedCount = getMetricGroup().counter("admitted");
        deadCount = getMetricGroup().counter("dead");
        lateCount = getMetricGroup().counter("late");
        duplicateCount = getMetricGroup().counter("duplicates");
    }

    @Override
    public void processElement(StreamRecord<RowData> element) {
        RowData row = element.getValue();
        Message message = columns.message(row);
        StringData problem = columns.problem(row);
        if (problem != null) {
            deadCount.inc();
            output.collect(Rejected.TAG, reused.replace(Rejected.of(message, problem)));
        } else if (message.eventAtMs() <= watermark) {
            lateCount.inc();
            output.collect(Rejected.TAG, reused.replace(Rejected.of(message, null)));
        } else if (dropDuplicates && !seen.add(message.eventId(), message.eventAtMs())) {
            duplicateCount.inc();
        } else {
            admittedCount.inc();
            output.collect(reused.replace(row));
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        watermark = Math.max(watermark, mark.getTimestamp());
        seen.forgetUpTo(watermark);
        super.processWatermark(mark);
    }
}
