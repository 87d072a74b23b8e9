package semaforo.flink;

import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * Decodes a message of any registered record into one wide row, and a bad message into a row that says why.
 *
 * <p>It never throws on data, and each message is read from its own bytes into a row that is empty, so that a bad one
 * cannot alter its neighbours. (Flink's own Avro format keeps the state of a decoder that failed: FLINK-31951.)
 *
 * <p>A column that has a record's name is a row of fields that only this record has ({@link RecordReader}).
 *
 * <p>Reserved columns, each optional: `record` (name of the record, null if unknown), `problem` (null if the message is
 * good), `raw` (the message as it came), `clock_beat_at` ({@link ClockBeats}). In a bad row every other column is null.
 */
final class GuardedAvroDecoder implements Serializable {
    private static final long serialVersionUID = 1L;

    private final WriterSchemas schemas;
    private final RowType row;
    private final int recordColumn;
    private final int problemColumn;
    private final int rawColumn;
    private final int beatColumn;
    private final ClockBeats beats;

    private transient Map<Long, RecordReader> readers;
    private transient Map<Long, StringData> names;
    private transient AvroCursor cursor;
    private transient RecordRow decoded;
    private transient long lastFingerprint;
    private transient RecordReader lastReader;
    private transient StringData lastName;
    private transient boolean lastIsHeartbeat;

    /** @param others columns that somebody else fills in */
    GuardedAvroDecoder(WriterSchemas schemas, RowType row, Set<String> others) {
        this.schemas = schemas;
        this.row = row;
        recordColumn = reserved("record", LogicalTypeRoot.VARCHAR);
        problemColumn = reserved("problem", LogicalTypeRoot.VARCHAR);
        rawColumn = reserved("raw", LogicalTypeRoot.VARBINARY);
        beatColumn = reserved(ClockBeats.COLUMN, LogicalTypeRoot.BIGINT);
        beats = new ClockBeats(row);
        open(); // columns and schemas that disagree fail where the job is built, not where it runs
        checkColumns(others);
    }

    /** To be called once where it runs. */
    void open() {
        List<Schema> parsed = schemas.parse();
        Map<String, Schema> newest = WriterSchemas.newest(parsed);
        FieldReaders fields = new FieldReaders(new StringPool());
        readers = new HashMap<>();
        names = new HashMap<>();
        for (Schema writer : parsed) {
            long fingerprint = WriterSchemas.fingerprint(writer);
            readers.put(fingerprint, new RecordReader(writer, newest.get(writer.getName()), row, fields));
            names.put(fingerprint, FieldReaders.binary(writer.getName()));
        }
        cursor = new AvroCursor();
        decoded = new RecordRow(row.getFieldCount());
    }

    /** The message as a row, good or bad, until the next is decoded: all are the same row, written anew. */
    RecordRow decode(byte[] message) {
        try {
            return good(message);
        } catch (IOException malformed) {
            return bad(message, malformed.getMessage());
        } catch (RuntimeException defect) {
            return bad(message, "unreadable: " + defect);
        }
    }

    private RecordRow good(byte[] message) throws Malformed {
        if (message == null || message.length == 0) {
            throw new Malformed("empty message");
        }
        if (message[0] != WriterSchemas.MARKER_0 || (message.length > 1 && message[1] != WriterSchemas.MARKER_1)) {
            throw new Malformed("no single-object marker");
        }
        if (message.length < WriterSchemas.HEADER_BYTES) {
            throw new Malformed("truncated header of " + message.length + " bytes");
        }
        RecordReader reader = readerOf(message);
        decoded.clear();
        cursor.start(message, WriterSchemas.HEADER_BYTES);
        try {
            reader.readInto(decoded, cursor);
        } catch (Malformed malformed) {
            throw new Malformed("not a " + reader.name() + ": " + malformed.getMessage());
        }
        if (cursor.left() > 0) {
            throw new Malformed(cursor.left() + " bytes after the end of a " + reader.name());
        }
        if (lastIsHeartbeat) {
            beats.mark(decoded);
        }
        set(decoded, recordColumn, lastName);
        set(decoded, rawColumn, message);
        return decoded;
    }

    private RecordReader readerOf(byte[] message) throws Malformed {
        long fingerprint = (long) Longs.LITTLE_ENDIAN.get(message, 2);
        if (lastReader == null || fingerprint != lastFingerprint) {
            RecordReader reader = readers.get(fingerprint);
            if (reader == null) {
                throw new Malformed("unknown schema fingerprint " + String.format("%016x", fingerprint));
            }
            lastReader = reader;
            lastName = names.get(fingerprint);
            lastIsHeartbeat = reader.name().equals(ClockBeats.RECORD);
            lastFingerprint = fingerprint;
        }
        return lastReader;
    }

    private RecordRow bad(byte[] message, String problem) {
        decoded.clear();
        set(decoded, problemColumn, FieldReaders.binary(problem));
        set(decoded, rawColumn, message == null ? new byte[0] : message);
        return decoded;
    }

    private static void set(RecordRow row, int column, Object value) {
        if (column >= 0) {
            row.setObject(column, value);
        }
    }

    private int reserved(String column, LogicalTypeRoot root) {
        int position = row.getFieldIndex(column);
        if (position >= 0 && row.getTypeAt(position).getTypeRoot() != root) {
            throw new ValidationException("reserved column " + column + " must be a " + root);
        }
        return position;
    }

    private void checkColumns(Set<String> others) {
        List<Schema> parsed = schemas.parse();
        Map<String, Schema> newest = WriterSchemas.newest(parsed);
        for (int i = 0; i < row.getFieldCount(); i++) {
            String column = row.getFieldNames().get(i);
            if (newest.containsKey(column) && row.getTypeAt(i) instanceof RowType own) {
                own.getFieldNames().forEach(field -> checkColumn(field, List.of(newest.get(column))));
            } else if (!others.contains(column) && i != recordColumn && i != problemColumn && i != rawColumn && i != beatColumn) {
                checkColumn(column, parsed);
            }
        }
    }

    private static void checkColumn(String column, List<Schema> records) {
        if (records.stream().allMatch(record -> record.getField(column) == null)) {
            throw new ValidationException("column " + column + " is in no registered record");
        }
    }
}
