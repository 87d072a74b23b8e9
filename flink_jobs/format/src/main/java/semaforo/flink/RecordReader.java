package semaforo.flink;

import java.util.List;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads a record of one writer schema into a row, as the newest schema of that record says.
 *
 * <p>Fields are matched by name: one that no column asks for is stepped over, one that the writer did not know gets the
 * newest schema's default, a column that the record does not have stays null. A column of the record's own name is a row of
 * fields that no other record has: they stand there, not in columns of their own.
 */
final class RecordReader {
    private final String name;
    private final int columns;
    private final FieldReader[] fields;

    /** Which fields go to the own row. */
    private final boolean[] isOwn;

    private final Defaults defaults;
    private final int ownColumn;

    /** Written anew for each message; null if there is none. */
    private final RecordRow ownRow;

    private final Defaults ownDefaults;

    RecordReader(Schema writer, Schema newest, RowType row, FieldReaders readers) {
        name = newest.getName();
        columns = columns(row);
        ownColumn = row.getFieldIndex(name);
        RowType own = ownColumn < 0 ? RowType.of() : ownType(row, ownColumn);
        ownRow = ownColumn < 0 ? null : new RecordRow(columns(own));
        List<Schema.Field> unwritten = newest.getFields().stream()
                .filter(field -> writer.getField(field.name()) == null)
                .toList();
        ownDefaults = Defaults.of(unwritten, own);
        defaults = Defaults.of(
                unwritten.stream().filter(field -> own.getFieldIndex(field.name()) < 0).toList(), row);
        List<Schema.Field> written = writer.getFields();
        fields = new FieldReader[written.size()];
        isOwn = new boolean[fields.length];
        for (int i = 0; i < fields.length; i++) {
            Schema.Field field = written.get(i);
            isOwn[i] = own.getFieldIndex(field.name()) >= 0;
            RowType there = isOwn[i] ? own : row;
            Schema.Field target = newest.getField(field.name());
            int column = target == null ? FieldReader.SKIPPED : there.getFieldIndex(field.name());
            fields[i] = column < 0
                    ? readers.skipping(field.schema())
                    : readers.reading(field.schema(), target.schema(), there.getTypeAt(column), column);
        }
    }

    private int columns(RowType row) {
        int count = row.getFieldCount();
        if (count > RecordRow.MOST_COLUMNS) {
            throw new ValidationException(
                    "a row of " + name + " has at most " + RecordRow.MOST_COLUMNS + " columns, not " + count);
        }
        return count;
    }

    private static RowType ownType(RowType row, int column) {
        if (row.getTypeAt(column) instanceof RowType own) {
            return own;
        }
        throw new ValidationException("column " + row.getFieldNames().get(column) + " has a record's name and is no row");
    }

    String name() {
        return name;
    }

    RecordRow read(AvroCursor cursor) throws Malformed {
        RecordRow row = new RecordRow(columns);
        readInto(row, cursor);
        return row;
    }

    void readInto(RecordRow row, AvroCursor cursor) throws Malformed {
        RecordRow own = ownRow;
        if (own != null) {
            own.clear();
            ownDefaults.fill(own);
            row.setObject(ownColumn, own);
        }
        defaults.fill(row);
        for (int i = 0; i < fields.length; i++) {
            fields[i].read(cursor, isOwn[i] ? own : row);
        }
    }

    /** What columns hold that the writer did not know. */
    private record Defaults(int[] columns, Object[] values) {
        static Defaults of(List<Schema.Field> fields, RowType row) {
            List<Schema.Field> asked =
                    fields.stream().filter(field -> row.getFieldIndex(field.name()) >= 0).toList();
            int[] columns = asked.stream().mapToInt(field -> row.getFieldIndex(field.name())).toArray();
            Object[] values = new Object[columns.length];
            for (int i = 0; i < columns.length; i++) {
                values[i] = defaultOf(asked.get(i), row.getTypeAt(columns[i]));
            }
            return new Defaults(columns, values);
        }

        void fill(RecordRow row) {
            for (int i = 0; i < columns.length; i++) {
                row.set(columns[i], values[i]);
            }
        }
    }

    private static Object defaultOf(Schema.Field field, LogicalType column) {
        Object value = field.defaultVal();
        if (value == null) {
            throw new ValidationException("field " + field.name() + " is new and has no default");
        }
        if (value == JsonProperties.NULL_VALUE) {
            return null;
        }
        Schema schema = FieldReaders.withoutNull(field.schema());
        switch (column.getTypeRoot()) {
            case VARCHAR:
                return FieldReaders.binary(value.toString());
            case BOOLEAN:
                return value;
            case INTEGER:
                return switch (schema.getType()) {
                    case ENUM -> schema.getEnumSymbols().indexOf(value.toString());
                    case STRING -> Iata.number(FieldReaders.binary(value.toString()));
                    default -> ((Number) value).intValue();
                };
            case BIGINT:
                return schema.getType() == Schema.Type.STRING
                        ? ShortText.number(FieldReaders.binary(value.toString()))
                        : ((Number) value).longValue();
            case FLOAT:
                return ((Number) value).floatValue();
            case DOUBLE:
                return ((Number) value).doubleValue();
            case ARRAY:
                if (((List<?>) value).isEmpty()) {
                    return new GenericArrayData(new Object[0]);
                }
                throw new ValidationException("the default of " + field.name() + " must be empty");
            default:
                throw new ValidationException("no default for a column of type " + column + " yet");
        }
    }
}
