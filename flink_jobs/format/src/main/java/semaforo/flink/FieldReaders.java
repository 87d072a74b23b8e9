package semaforo.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.avro.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * Makes the reader of one field once, from the schema that wrote it, the newest schema and the column's type, so that
 * nothing is looked up for each message.
 *
 * <p>In a column of numbers stands a symbol's place in the newest schema, and of a text its number: INT as an IATA code
 * ({@link Iata}), BIGINT as a {@link ShortText}. SQL copies every string of a row that it touches.
 */
final class FieldReaders {
    /** Year 1 to year 9999, the instants that every reader of these records can hold. */
    private static final long FIRST_INSTANT_MS = -62_135_596_800_000L;

    private static final long LAST_INSTANT_MS = 253_402_300_799_999L;

    private final StringPool strings;

    FieldReaders(StringPool strings) {
        this.strings = strings;
    }

    FieldReader reading(Schema writer, Schema newest, LogicalType column) {
        if (writer.getType() == Schema.Type.UNION) {
            List<FieldReader> branches = new ArrayList<>();
            for (Schema branch : writer.getTypes()) {
                branches.add(branch.getType() == Schema.Type.NULL ? cursor -> null : reading(branch, newest, column));
            }
            return oneOf(branches);
        }
        Schema target = withoutNull(newest);
        LogicalTypeRoot root = column.getTypeRoot();
        switch (writer.getType()) {
            case STRING:
                if (root == LogicalTypeRoot.INTEGER) {
                    return cursor -> {
                        int start = cursor.advanceString();
                        return Iata.number(cursor.message(), start, cursor.position());
                    };
                }
                if (root == LogicalTypeRoot.BIGINT) {
                    return cursor -> {
                        int start = cursor.advanceString();
                        return ShortText.number(cursor.message(), start, cursor.position());
                    };
                }
                require(root == LogicalTypeRoot.VARCHAR, writer, column);
                return cursor -> {
                    int start = cursor.advanceString();
                    return strings.get(cursor.message(), start, cursor.position());
                };
            case ENUM:
                if (root == LogicalTypeRoot.INTEGER) {
                    return symbols(writer, target, target.getEnumSymbols()::indexOf);
                }
                require(root == LogicalTypeRoot.VARCHAR, writer, column);
                return symbols(writer, target, FieldReaders::binary);
            case BYTES:
                require(root == LogicalTypeRoot.VARBINARY, writer, column);
                return cursor -> {
                    byte[] value = new byte[cursor.readLength()];
                    System.arraycopy(cursor.message(), cursor.advance(value.length), value, 0, value.length);
                    return value;
                };
            case BOOLEAN:
                require(root == LogicalTypeRoot.BOOLEAN, writer, column);
                return AvroCursor::readBoolean;
            case INT:
                if (root == LogicalTypeRoot.BIGINT) {
                    return cursor -> (long) cursor.readInt();
                }
                require(root == LogicalTypeRoot.INTEGER, writer, column);
                return AvroCursor::readInt;
            case LONG:
                if (root == LogicalTypeRoot.TIMESTAMP_WITH_LOCAL_TIME_ZONE) {
                    require(isInstant(writer), writer, column);
                    return cursor -> TimestampData.fromEpochMillis(instant(cursor));
                }
                require(root == LogicalTypeRoot.BIGINT, writer, column);
                return isInstant(writer) ? FieldReaders::instant : AvroCursor::readLong;
            case FLOAT:
                require(root == LogicalTypeRoot.FLOAT, writer, column);
                return AvroCursor::readFloat;
            case DOUBLE:
                require(root == LogicalTypeRoot.DOUBLE, writer, column);
                return AvroCursor::readDouble;
            case RECORD:
                require(root == LogicalTypeRoot.ROW, writer, column);
                return new RecordReader(writer, target, (RowType) column, this)::read;
            case ARRAY:
                require(root == LogicalTypeRoot.ARRAY, writer, column);
                LogicalType element = ((ArrayType) column).getElementType();
                return items(reading(writer.getElementType(), target.getElementType(), element), writer);
            default:
                throw new ValidationException("Avro " + writer.getType() + " cannot be read into a column yet");
        }
    }

    /** Steps over a value that no column asks for, with the same checks. */
    FieldReader skipping(Schema writer) {
        switch (writer.getType()) {
            case NULL:
                return cursor -> null;
            case UNION:
                return oneOf(writer.getTypes().stream().map(this::skipping).toList());
            case STRING:
                return cursor -> skipped(cursor.advanceString());
            case BYTES:
                return cursor -> skipped(cursor.advance(cursor.readLength()));
            case FIXED:
                return cursor -> skipped(cursor.advance(writer.getFixedSize()));
            case ENUM:
                return cursor -> skipped(cursor.readIndex(writer.getEnumSymbols().size(), "enum"));
            case BOOLEAN:
                return AvroCursor::readBoolean;
            case INT:
                return AvroCursor::readInt;
            case LONG:
                return isInstant(writer) ? FieldReaders::instant : AvroCursor::readLong;
            case FLOAT:
                return cursor -> skipped(cursor.advance(4));
            case DOUBLE:
                return cursor -> skipped(cursor.advance(8));
            case RECORD:
                FieldReader[] fields =
                        writer.getFields().stream().map(f -> skipping(f.schema())).toArray(FieldReader[]::new);
                return cursor -> {
                    for (FieldReader field : fields) {
                        field.read(cursor);
                    }
                    return null;
                };
            case ARRAY:
                return items(skipping(writer.getElementType()), writer);
            default:
                throw new ValidationException("Avro " + writer.getType() + " cannot be read yet");
        }
    }

    static Schema withoutNull(Schema schema) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema;
        }
        List<Schema> rest =
                schema.getTypes().stream().filter(s -> s.getType() != Schema.Type.NULL).toList();
        if (rest.size() != 1) {
            throw new ValidationException("a union may hold null and one other type, not " + schema);
        }
        return rest.get(0);
    }

    private static FieldReader oneOf(List<FieldReader> branches) {
        FieldReader[] readers = branches.toArray(FieldReader[]::new);
        return cursor -> readers[cursor.readIndex(readers.length, "union")].read(cursor);
    }

    private static FieldReader symbols(Schema writer, Schema newest, Function<String, Object> value) {
        Set<String> known = Set.copyOf(newest.getEnumSymbols());
        List<String> names = writer.getEnumSymbols();
        Object[] symbols = new Object[names.size()];
        for (int i = 0; i < symbols.length; i++) {
            String name = known.contains(names.get(i)) ? names.get(i) : newest.getEnumDefault();
            symbols[i] = name == null ? null : value.apply(name);
        }
        return cursor -> {
            int index = cursor.readIndex(symbols.length, "enum");
            if (symbols[index] == null) {
                throw new Malformed("symbol " + names.get(index) + " is not in the newest " + newest.getName());
            }
            return symbols[index];
        };
    }

    private static FieldReader items(FieldReader item, Schema array) {
        int smallest = smallestBytes(array.getElementType());
        return cursor -> {
            List<Object> values = new ArrayList<>();
            for (int count = cursor.readBlockCount(smallest); count > 0; count = cursor.readBlockCount(smallest)) {
                for (int i = 0; i < count; i++) {
                    values.add(item.read(cursor));
                }
            }
            return new GenericArrayData(values.toArray());
        };
    }

    private static int smallestBytes(Schema schema) {
        return schema.getType() == Schema.Type.NULL ? 0 : 1;
    }

    private static Long instant(AvroCursor cursor) throws Malformed {
        long ms = cursor.readLong();
        if (ms < FIRST_INSTANT_MS || ms > LAST_INSTANT_MS) {
            throw new Malformed("instant out of range: " + ms + " ms");
        }
        return ms;
    }

    private static boolean isInstant(Schema schema) {
        return "timestamp-millis".equals(schema.getProp("logicalType"));
    }

    /** As bytes at once, so that comparing never encodes. */
    static StringData binary(String text) {
        return StringData.fromBytes(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Object skipped(int ignored) {
        return null;
    }

    private static void require(boolean fits, Schema writer, LogicalType column) {
        if (!fits) {
            throw new ValidationException("Avro " + writer + " does not fit a column of type " + column);
        }
    }
}
