package semaforo.flink;

import java.io.Serializable;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.types.logical.RowType;

/**
 * Marks clock beats, route heartbeats that name no route, with their `event_at` in a column of its own.
 *
 * <p>The source asks every message for it, once per partition's own copy of the generated code: SQL that compared names
 * there copied three strings of each message, twice.
 */
final class ClockBeats implements Serializable {
    private static final long serialVersionUID = 1L;
    static final String COLUMN = "clock_beat_at";
    static final String RECORD = "RouteHeartbeat";

    private final int column;
    private final int eventAt;
    private final int origin;
    private final int destination;

    ClockBeats(RowType row) {
        column = row.getFieldIndex(COLUMN);
        eventAt = row.getFieldIndex("event_at");
        origin = row.getFieldIndex("origin");
        destination = row.getFieldIndex("destination");
        if (column >= 0 && Math.min(eventAt, Math.min(origin, destination)) < 0) {
            throw new ValidationException("column " + COLUMN + " needs event_at, origin and destination beside it");
        }
    }

    /** @param heartbeat a good message of {@link #RECORD} */
    void mark(RecordRow heartbeat) {
        if (column >= 0 && heartbeat.isNullAt(origin) && heartbeat.isNullAt(destination)) {
            heartbeat.setNumber(column, heartbeat.getLong(eventAt));
        }
    }
}
