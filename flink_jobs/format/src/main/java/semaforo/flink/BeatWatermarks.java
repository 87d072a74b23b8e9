package semaforo.flink;

import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

/**
 * What time it is on a partition. Only clock beats move it ("no older event of mine follows here"): a fact with a wrong
 * date cannot, and a partition whose leader is down holds it. A beat itself may not run ahead of the brokers' clock by
 * more than a limit. One millisecond less than the beat, because facts of its own millisecond may follow it.
 */
final class BeatWatermarks implements WatermarkGenerator<RowData> {
    /**
     * @param aheadMs how far a beat may lie ahead of its append time
     * @param boundMs how far out of order a publisher may be
     * @param idleTimeout after which a partition without messages no longer holds time up
     */
    record Limits(long aheadMs, long boundMs, Duration idleTimeout) implements Serializable {}

    private final int beatColumn;
    private final Limits limits;
    private long newestBeatMs = Long.MIN_VALUE;

    BeatWatermarks(RowType row, Limits limits) {
        beatColumn = row.getFieldIndex(ClockBeats.COLUMN);
        this.limits = limits;
    }

    /** For messages with the columns of {@link MessageReader}; of each partition by itself. */
    static WatermarkStrategy<RowData> strategy(RowType row, Limits limits) {
        return WatermarkStrategy.<RowData>forGenerator(context -> new BeatWatermarks(row, limits))
                .withIdleness(limits.idleTimeout());
    }

    @Override
    public void onEvent(RowData message, long appendedMs, WatermarkOutput output) {
        if (!message.isNullAt(beatColumn)) {
            long beatMs = message.getLong(beatColumn);
            if (beatMs - appendedMs <= limits.aheadMs()) {
                newestBeatMs = Math.max(newestBeatMs, beatMs);
            }
        }
    }

    /** Each time, new or not: what is said after a silence ends the partition's idleness. */
    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        if (newestBeatMs != Long.MIN_VALUE) {
            output.emitWatermark(new Watermark(newestBeatMs - 1 - limits.boundMs()));
        }
    }
}
