package semaforo.flink;

import java.util.List;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Panes of an entity to its KPI rows: one row per window whenever a pane of the entity closes.
 *
 * <p>Input: (scope and entity, pane's end, newest append time, events, measures, carriers). Panes close when the watermark
 * passes them, in order; all rows of one watermark go out together, before it, so nothing is held back from a checkpoint.
 */
final class TrailingOperator extends AbstractStreamOperator<byte[]>
        implements OneInputStreamOperator<Tuple6<String, Long, Long, Long, long[], String>, byte[]>,
                Triggerable<String, VoidNamespace> {
    private static final long serialVersionUID = 1L;

    private final List<Scope> scopes;
    private final int measures;
    private final int buckets;
    private final int revision;

    private transient ValueState<TrailingSums> state;
    private transient InternalTimerService<VoidNamespace> timers;
    private transient RowPacker packer;
    private transient StreamRecord<byte[]> reused;

    TrailingOperator(List<Scope> scopes, int measures, int buckets, int revision) {
        this.scopes = List.copyOf(scopes);
        this.measures = measures;
        this.buckets = buckets;
        this.revision = revision;
    }

    static String key(String scope, String entity) {
        return scope + " " + entity;
    }

    @Override
    public void open() throws Exception {
        super.open();
        state = getKeyedStateStore().getState(new ValueStateDescriptor<>("trailing", TrailingSumsSerializer.INSTANCE));
        timers = getInternalTimerService("panes", VoidNamespaceSerializer.INSTANCE, this);
        reused = new StreamRecord<>(null);
        packer = new RowPacker(measures, buckets, revision, request -> output.collect(reused.replace(request)));
    }

    @Override
    public void processElement(StreamRecord<Tuple6<String, Long, Long, Long, long[], String>> element) throws Exception {
        Tuple6<String, Long, Long, Long, long[], String> pane = element.getValue();
        TrailingSums sums = known();
        if (sums == null) {
            sums = new TrailingSums(scopeOf(pane.f0).windows().size(), measures);
        }
        sums.flownBy.add(pane.f1, pane.f5);
        if (sums.add(pane.f1, pane.f2, pane.f3, pane.f4)) {
            timers.registerEventTimeTimer(VoidNamespace.INSTANCE, pane.f1);
        }
        state.update(sums);
    }

    @Override
    public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
        String key = timer.getKey();
        Scope scope = scopeOf(key);
        String entity = key.substring(scope.name().length() + 1);
        long at = timer.getTimestamp();
        TrailingSums sums = known();
        long ingestedAt = sums.close(at, scope.lengthsMs());
        int says = scope.windowWithCarriers();
        String flownBy = says < 0 ? "" : sums.flownBy.close(at, scope.lengthsMs()[says]);
        state.update(sums);
        for (int window = 0; window < sums.sums.length; window++) {
            String carriers = window == says ? flownBy : "";
            packer.add(scope.name(), entity, scope.windows().get(window), at, ingestedAt, sums.sums[window], carriers);
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        getTimeServiceManager().orElseThrow().advanceWatermark(mark);
        packer.flush();
        output.emitWatermark(mark);
    }

    @Override
    public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) {
        throw new IllegalStateException("no processing time timers here");
    }

    /** The state of the key; a savepoint of the release before may know fewer measures. */
    private TrailingSums known() throws Exception {
        TrailingSums sums = state.value();
        if (sums != null) {
            sums.widen(measures);
        }
        return sums;
    }

    private Scope scopeOf(String key) {
        for (Scope scope : scopes) {
            if (key.startsWith(scope.name()) && key.charAt(scope.name().length()) == ' ') {
                return scope;
            }
        }
        throw new IllegalStateException("no scope of key " + key);
    }
}
