package semaforo.flink;

import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads the head of a message, which all records share, and says what is wrong with it: the rules that
 * `schemas/events.py` sets for our own publishers, here for foreign ones.
 */
final class MessageReader {
    /** Where a message stood: its source fills these in. */
    static final String TOPIC = "source_topic";

    static final String PARTITION = "source_partition";
    static final String OFFSET = "source_offset";
    static final String APPENDED_AT = "appended_at";
    static final Set<String> SOURCE_COLUMNS = Set.of(TOPIC, PARTITION, OFFSET, APPENDED_AT);

    private final Legs legs = new Legs();
    private final int record;
    private final int problem;
    private final int raw;
    private final int clockBeatAt;
    private final int eventId;
    private final int eventAt;
    private final int carrier;
    private final int origin;
    private final int destination;
    private final int carriers;
    private final int topic;
    private final int partition;
    private final int offset;
    private final int appendedAt;

    MessageReader(RowType row) {
        record = column(row, "record", LogicalTypeRoot.VARCHAR);
        problem = column(row, "problem", LogicalTypeRoot.VARCHAR);
        raw = column(row, "raw", LogicalTypeRoot.VARBINARY);
        clockBeatAt = column(row, ClockBeats.COLUMN, LogicalTypeRoot.BIGINT);
        eventId = column(row, "event_id", LogicalTypeRoot.VARCHAR);
        eventAt = column(row, "event_at", LogicalTypeRoot.BIGINT);
        carrier = column(row, "carrier", LogicalTypeRoot.INTEGER);
        origin = column(row, "origin", LogicalTypeRoot.INTEGER);
        destination = column(row, "destination", LogicalTypeRoot.INTEGER);
        carriers = column(row, "carriers", LogicalTypeRoot.ARRAY);
        topic = column(row, TOPIC, LogicalTypeRoot.VARCHAR);
        partition = column(row, PARTITION, LogicalTypeRoot.INTEGER);
        offset = column(row, OFFSET, LogicalTypeRoot.BIGINT);
        appendedAt = column(row, APPENDED_AT, LogicalTypeRoot.BIGINT);
    }

    private static int column(RowType row, String name, LogicalTypeRoot root) {
        int position = row.getFieldIndex(name);
        if (position < 0 || row.getTypeAt(position).getTypeRoot() != root) {
            throw new ValidationException("messages need a column " + name + " of type " + root + ", not " + row);
        }
        return position;
    }

    /** The name of the record; null of a message that cannot be read. */
    StringData record(RowData row) {
        return row.isNullAt(record) ? null : row.getString(record);
    }

    /** Null if the head is sound. */
    String problem(RowData row, long aheadMs) {
        if (!row.isNullAt(problem)) {
            return row.getString(problem).toString();
        }
        if (((BinaryStringData) row.getString(eventId)).getSizeInBytes() == 0) {
            return "event_id is empty";
        }
        if (row.getLong(eventAt) < 0) {
            return "event_at is before 1970";
        }
        return isHeartbeat(row) ? problemOfHeartbeat(row, aheadMs) : problemOfFlight(row);
    }

    private String problemOfFlight(RowData row) {
        if (row.isNullAt(origin) || row.isNullAt(destination) || row.isNullAt(carrier)) {
            return record(row) + " is not a record of the KPI topics";
        }
        if (legOfFlight(row) != null) {
            return null;
        }
        String problem = problemOfRoute(row);
        return problem == null ? "carrier is not an IATA airline code" : problem;
    }

    private String problemOfRoute(RowData row) {
        int from = row.getInt(origin);
        if (!Iata.isAirport(from)) {
            return "origin is not an IATA airport code";
        }
        int to = row.getInt(destination);
        if (!Iata.isAirport(to)) {
            return "destination is not an IATA airport code";
        }
        return from == to ? "destination equals origin" : null;
    }

    private String problemOfHeartbeat(RowData row, long aheadMs) {
        if (row.isNullAt(origin) != row.isNullAt(destination)) {
            return "a heartbeat has both origin and destination, or neither";
        }
        if (isClockBeat(row)) {
            boolean ahead = row.getLong(eventAt) - appendedMs(row) > aheadMs;
            return ahead ? "a clock beat further ahead of its append time than the ahead limit" : null;
        }
        ArrayData flying = row.getArray(carriers);
        for (int i = 0; i < flying.size(); i++) {
            if (flying.isNullAt(i) || !Iata.isAirline(Iata.number(flying.getString(i)))) {
                return "carriers are not IATA airline codes";
            }
        }
        return problemOfRoute(row);
    }

    private boolean isHeartbeat(RowData row) {
        return !row.isNullAt(carriers); // which no other record has
    }

    /** Of a sound message: whether it only tells the time. */
    boolean isClockBeat(RowData row) {
        return !row.isNullAt(clockBeatAt);
    }

    long eventAtMs(RowData row) {
        return row.getLong(eventAt);
    }

    private long appendedMs(RowData row) {
        return row.getLong(appendedAt);
    }

    /** Of a sound message that is no clock beat. */
    Message message(RowData row) {
        return message(row, isHeartbeat(row) ? legOfHeartbeat(row) : legOfFlight(row));
    }

    /** Of any message: only where it stood, if it cannot be read. */
    Message unsoundMessage(RowData row) {
        return message(row, null);
    }

    private Message message(RowData row, Leg leg) {
        return new Message(
                row.getString(topic),
                row.getInt(partition),
                row.getLong(offset),
                row.getBinary(raw),
                appendedMs(row),
                row.getString(eventId),
                row.isNullAt(eventAt) ? 0 : row.getLong(eventAt),
                leg);
    }

    private Leg legOfFlight(RowData row) {
        return legs.of(row.getInt(origin), row.getInt(destination), row.getInt(carrier));
    }

    private Leg legOfHeartbeat(RowData row) {
        ArrayData flying = row.getArray(carriers);
        Set<String> distinct = new LinkedHashSet<>();
        for (int i = 0; i < flying.size(); i++) {
            distinct.add(flying.getString(i).toString());
        }
        return new Leg(
                Iata.text(row.getInt(origin)), Iata.text(row.getInt(destination)), String.join(",", distinct));
    }
}
