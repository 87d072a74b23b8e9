package semaforo.flink;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * Reads a record of one writer schema into a row, as the newest schema of that record says.
 *
 * <p>Fields are matched by name: one that no column asks for is stepped over, one that the writer did not know gets the
 * newest schema's default, a column that the record does not have stays null.
 */
final class RecordReader {
    private final String name;
    private final int columns;
    private final FieldReader[] fields;
    private final int[] fieldColumns;
    private final Object[] defaults;

    RecordReader(Schema writer, Schema newest, RowType row, FieldReaders readers) {
        Map<String, Integer> position = IntStream.range(0, row.getFieldCount())
                .boxed()
                .collect(Collectors.toMap(row.getFieldNames()::get, i -> i));
        name = newest.getName();
        columns = row.getFieldCount();
        defaults = new Object[columns];
        for (Schema.Field field : newest.getFields()) {
            Integer column = position.get(field.name());
            if (column != null && writer.getField(field.name()) == null) {
                defaults[column] = defaultOf(field, row.getTypeAt(column));
            }
        }
        List<FieldReader> steps = new ArrayList<>();
        fieldColumns = new int[writer.getFields().size()];
        for (Schema.Field field : writer.getFields()) {
            Integer column = position.get(field.name());
            Schema.Field target = newest.getField(field.name());
            boolean wanted = column != null && target != null;
            fieldColumns[steps.size()] = wanted ? column : -1;
            steps.add(
                    wanted
                            ? readers.reading(field.schema(), target.schema(), row.getTypeAt(column))
                            : readers.skipping(field.schema()));
        }
        fields = steps.toArray(FieldReader[]::new);
    }

    String name() {
        return name;
    }

    GenericRowData read(AvroCursor cursor) throws Malformed {
        GenericRowData row = new GenericRowData(columns);
        readInto(row, cursor);
        return row;
    }

    void readInto(GenericRowData row, AvroCursor cursor) throws Malformed {
        for (int column = 0; column < defaults.length; column++) {
            if (defaults[column] != null) {
                row.setField(column, defaults[column]);
            }
        }
        for (int i = 0; i < fields.length; i++) {
            Object value = fields[i].read(cursor);
            if (fieldColumns[i] >= 0) {
                row.setField(fieldColumns[i], value);
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
        switch (column.getTypeRoot()) {
            case VARCHAR:
                return FieldReaders.binary(value.toString());
            case BOOLEAN:
                return value;
            case INTEGER:
                return ((Number) value).intValue();
            case BIGINT:
                return ((Number) value).longValue();
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
