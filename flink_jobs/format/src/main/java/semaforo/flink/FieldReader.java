package semaforo.flink;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/**
 * Reads the value of one field at the cursor into a column, or steps over it with the same checks where no column asks for
 * it. {@link FieldReaders} makes them.
 *
 * <p>One method for all kinds: a method for each is looked up for every field of every message, which took more than the
 * reading.
 */
final class FieldReader {
    /** Year 1 to year 9999, the instants that every reader of these records can hold. */
    private static final long FIRST_INSTANT_MS = -62_135_596_800_000L;

    private static final long LAST_INSTANT_MS = 253_402_300_799_999L;

    /** No column: the value is stepped over. */
    static final int SKIPPED = -1;

    /** How the value is written, and what becomes of it. */
    enum Kind {
        NULL,
        BOOLEAN,
        INT,
        LONG,
        INSTANT_MS,
        TIMESTAMP,
        FLOAT,
        DOUBLE,
        /** A text as a number of {@link Iata}. */
        IATA_CODE,
        /** A text as a number of {@link ShortText}. */
        SHORT_TEXT,
        TEXT,
        BYTES,
        FIXED,
        ENUM,
        RECORD,
        ARRAY,
        UNION
    }

    private final Kind kind;
    private final int column;

    /** Which branch of a union with one other type is null; -1 if the value is none. */
    private final int nullBranch;

    /** What the kind needs, null or 0 where it needs none. */
    private final Parts parts;

    /** What some kinds need beside the cursor. */
    static final class Parts {
        /** Of a union, a record that is stepped over, an array (one). */
        FieldReader[] readers = {};

        RecordReader record;
        StringPool strings;
        int bytes;

        /** Of an enum: names as written, what stands for each, null if the newest schema lacks it, or its place there. */
        List<String> names = List.of();

        StringData[] symbols = {};
        int[] places = {};
        String newest;

        /** Of an array's items. */
        RowData.FieldGetter item;

        int smallestItemBytes;
    }

    FieldReader(Kind kind, int column, Parts parts) {
        this(kind, column, -1, parts);
    }

    private FieldReader(Kind kind, int column, int nullBranch, Parts parts) {
        this.kind = kind;
        this.column = column;
        this.nullBranch = nullBranch;
        this.parts = parts;
    }

    /** Of a union of this and null. */
    FieldReader orNull(int branch) {
        return new FieldReader(kind, column, branch, parts);
    }

    void read(AvroCursor cursor, RecordRow row) throws Malformed {
        if (nullBranch >= 0 && cursor.readIndex(2, "union") == nullBranch) {
            return;
        }
        switch (kind) {
            case NULL:
                return;
            case BOOLEAN:
                number(row, cursor.readBoolean() ? 1 : 0);
                return;
            case INT:
                number(row, cursor.readInt());
                return;
            case LONG:
                number(row, cursor.readLong());
                return;
            case INSTANT_MS:
                number(row, instantMs(cursor));
                return;
            case IATA_CODE: {
                int start = cursor.advanceString();
                number(row, Iata.number(cursor.message(), start, cursor.position()));
                return;
            }
            case SHORT_TEXT: {
                int start = cursor.advanceString();
                number(row, ShortText.number(cursor.message(), start, cursor.position()));
                return;
            }
            case TEXT: {
                int start = cursor.advanceString();
                if (column != SKIPPED) {
                    row.setObject(column, parts.strings.get(cursor.message(), start, cursor.position()));
                }
                return;
            }
            case ENUM: {
                int index = cursor.readIndex(parts.names.size(), "enum");
                if (column != SKIPPED) {
                    symbol(index, row);
                }
                return;
            }
            case RECORD:
                record(cursor, row);
                return;
            default:
                rare(cursor, row);
        }
    }

    private void number(RecordRow row, long value) {
        if (column != SKIPPED) {
            row.setNumber(column, value);
        }
    }

    private void record(AvroCursor cursor, RecordRow row) throws Malformed {
        if (column != SKIPPED) {
            row.setObject(column, parts.record.read(cursor));
            return;
        }
        for (FieldReader field : parts.readers) {
            field.read(cursor, row);
        }
    }

    private void rare(AvroCursor cursor, RecordRow row) throws Malformed {
        switch (kind) {
            case TIMESTAMP -> row.setObject(column, TimestampData.fromEpochMillis(instantMs(cursor)));
            case FLOAT -> number(row, Float.floatToRawIntBits(cursor.readFloat()));
            case DOUBLE -> number(row, Double.doubleToRawLongBits(cursor.readDouble()));
            case BYTES, FIXED -> {
                int length = kind == Kind.FIXED ? parts.bytes : cursor.readLength();
                int start = cursor.advance(length);
                if (column != SKIPPED) {
                    row.setObject(column, Arrays.copyOfRange(cursor.message(), start, start + length));
                }
            }
            case ARRAY -> array(cursor, row);
            case UNION -> parts.readers[cursor.readIndex(parts.readers.length, "union")].read(cursor, row);
            default -> throw new IllegalStateException("no reader of " + kind);
        }
    }

    private void array(AvroCursor cursor, RecordRow row) throws Malformed {
        List<Object> values = new ArrayList<>();
        int smallest = parts.smallestItemBytes;
        for (int count = cursor.readBlockCount(smallest); count > 0; count = cursor.readBlockCount(smallest)) {
            for (int i = 0; i < count; i++) {
                RecordRow item = new RecordRow(1);
                parts.readers[0].read(cursor, item);
                if (column != SKIPPED) {
                    values.add(parts.item.getFieldOrNull(item));
                }
            }
        }
        if (column != SKIPPED) {
            row.setObject(column, new GenericArrayData(values.toArray()));
        }
    }

    private void symbol(int index, RecordRow row) throws Malformed {
        boolean isNumber = parts.places.length > 0;
        if (isNumber ? parts.places[index] < 0 : parts.symbols[index] == null) {
            throw new Malformed("symbol " + parts.names.get(index) + " is not in the newest " + parts.newest);
        }
        if (isNumber) {
            row.setNumber(column, parts.places[index]);
        } else {
            row.setObject(column, parts.symbols[index]);
        }
    }

    private static long instantMs(AvroCursor cursor) throws Malformed {
        long ms = cursor.readLong();
        if (ms < FIRST_INSTANT_MS || ms > LAST_INSTANT_MS) {
            throw new Malformed("instant out of range: " + ms + " ms");
        }
        return ms;
    }
}
