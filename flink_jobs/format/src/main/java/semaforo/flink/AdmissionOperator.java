package semaforo.flink;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.base.array.LongPrimitiveArraySerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;

/**
 * Decides about each record once, right behind the source and without an exchange: dead, late, duplicate or admitted.
 *
 * <ul>
 *   <li>dead: it has a problem, or lies more than the ahead limit ahead of the newest clock beat;
 *   <li>late: not ahead of the watermark, so its pane may have gone out;
 *   <li>duplicate: its id was admitted to the same pane before.
 * </ul>
 *
 * <p>Clock beats end here. Until the first beat nothing can be told about time, so records wait for it. The newest beat,
 * the watermark, the ids of open panes and the waiting records are state: the verdicts after a restart are those of a run
 * that was never interrupted. (A source does not restore its watermark; judging by it alone, a late record read right after a
 * restart would pass.) The ids are of this subtask's partitions, and every copy of an event has its key and so its partition.
 */
final class AdmissionOperator extends AbstractStreamOperator<RowData>
        implements OneInputStreamOperator<RowData, RowData> {
    private static final long serialVersionUID = 1L;
    private static final long NONE = Long.MIN_VALUE;

    private final RowType row;
    private final OutputTag<RowData> dead;
    private final OutputTag<RowData> late;
    private final Admission.Limits limits;
    private final int idColumn;
    private final int eventAtColumn;
    private final int beatColumn;
    private final int problemColumn;

    private transient long newestBeat;
    private transient long watermark;
    private transient SeenIds seen;
    private transient Deque<RowData> waiting;

    private transient ListState<long[]> clockState;
    private transient ListState<long[]> seenState;
    private transient ListState<RowData> waitingState;
    private transient Counter admittedCount;
    private transient Counter deadCount;
    private transient Counter lateCount;
    private transient Counter duplicateCount;
    private transient StreamRecord<RowData> reused;

    AdmissionOperator(RowType row, OutputTag<RowData> dead, OutputTag<RowData> late, Admission.Limits limits) {
        this.row = row;
        this.dead = dead;
        this.late = late;
        this.limits = limits;
        idColumn = row.getFieldIndex("event_id");
        eventAtColumn = row.getFieldIndex("event_at");
        beatColumn = row.getFieldIndex("is_clock_beat");
        problemColumn = row.getFieldIndex("problem");
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        OperatorStateStore store = context.getOperatorStateStore();
        clockState = store.getUnionListState(
                new ListStateDescriptor<>("clock", LongPrimitiveArraySerializer.INSTANCE));
        seenState = store.getUnionListState(new ListStateDescriptor<>("seen", LongPrimitiveArraySerializer.INSTANCE));
        waitingState = store.getListState(new ListStateDescriptor<>("waiting", InternalTypeInfo.of(row).toSerializer()));
        newestBeat = NONE;
        watermark = NONE;
        seen = new SeenIds(limits.paneMs());
        waiting = new ArrayDeque<>();
        if (context.isRestored()) {
            restore();
        }
    }

    /** All subtasks read all clocks and ids, since partitions may come to another subtask. */
    private void restore() throws Exception {
        long oldestWatermark = Long.MAX_VALUE;
        for (long[] clock : clockState.get()) {
            newestBeat = Math.max(newestBeat, clock[0]);
            oldestWatermark = Math.min(oldestWatermark, clock[1]);
        }
        watermark = oldestWatermark == Long.MAX_VALUE ? NONE : oldestWatermark;
        for (long[] pane : seenState.get()) {
            seen.restore(pane);
        }
        for (RowData record : waitingState.get()) {
            waiting.add(record);
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        clockState.update(List.of(new long[] {newestBeat, watermark}));
        seenState.update(seen.snapshot());
        waitingState.update(new ArrayList<>(waiting));
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
    public void processElement(StreamRecord<RowData> element) throws Exception {
        RowData record = element.getValue();
        if (!record.isNullAt(problemColumn)) {
            bury(record);
        } else if (record.getBoolean(beatColumn)) {
            newestBeat = Math.max(newestBeat, record.getLong(eventAtColumn));
            while (!waiting.isEmpty()) {
                judge(waiting.poll());
            }
        } else if (newestBeat == NONE) {
            await(record);
        } else {
            judge(record);
        }
    }

    private void judge(RowData record) {
        long eventAt = record.getLong(eventAtColumn);
        if (eventAt - newestBeat > limits.aheadMs()) {
            bury(record, "event_at is " + (eventAt - newestBeat) / 1000 + " s ahead of the newest clock beat");
        } else if (eventAt <= watermark) {
            lateCount.inc();
            output.collect(late, reused.replace(record));
        } else if (limits.dropDuplicates() && !seen.add(record.getString(idColumn), eventAt)) {
            duplicateCount.inc();
        } else {
            admittedCount.inc();
            output.collect(reused.replace(record));
        }
    }

    private void await(RowData record) {
        if (waiting.size() == limits.mostWaiting()) {
            bury(record, "more than " + limits.mostWaiting() + " records before the first clock beat");
        } else {
            waiting.add(copy(record));
        }
    }

    private void bury(RowData record, String problem) {
        GenericRowData dated = copy(record);
        dated.setField(problemColumn, FieldReaders.binary(problem));
        bury(dated);
    }

    private void bury(RowData record) {
        deadCount.inc();
        output.collect(dead, reused.replace(record));
    }

    /** The row of a chained operator is used again for the next record. */
    private GenericRowData copy(RowData record) {
        GenericRowData copy = new GenericRowData(row.getFieldCount());
        for (int i = 0; i < row.getFieldCount(); i++) {
            copy.setField(i, RowData.createFieldGetter(row.getTypeAt(i), i).getFieldOrNull(record));
        }
        return copy;
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        watermark = Math.max(watermark, mark.getTimestamp());
        seen.forgetUpTo(watermark);
        super.processWatermark(mark);
    }
}
