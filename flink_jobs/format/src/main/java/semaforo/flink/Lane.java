package semaforo.flink;

import java.io.Serializable;
import java.util.stream.Stream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.util.OutputTag;

/** The lane of one record: the row of its own fields, and its {@link Message}. */
final class Lane implements Serializable {
    private static final long serialVersionUID = 1L;
    static final String MESSAGE = "message";

    final String record;
    final OutputTag<RowData> tag;
    private final int ownColumn;
    private final RowData.FieldGetter[] getters;

    /** @param wide the row of all records; it has a column of the record's name, unless the record has no fields of its own */
    Lane(String record, RowType wide) {
        this.record = record;
        ownColumn = wide.getFieldIndex(record);
        RowType own = own(record, wide);
        getters = new RowData.FieldGetter[own.getFieldCount()];
        for (int i = 0; i < getters.length; i++) {
            getters[i] = RowData.createFieldGetter(own.getTypeAt(i), i);
        }
        tag = new OutputTag<>(record, InternalTypeInfo.of(type(record, wide).getLogicalType()));
    }

    private static RowType own(String record, RowType wide) {
        int column = wide.getFieldIndex(record);
        if (column < 0) {
            return RowType.of();
        }
        if (wide.getTypeAt(column) instanceof RowType own) {
            return own;
        }
        throw new ValidationException("column " + record + " must be a row, not " + wide.getTypeAt(column));
    }

    /** The record's own fields, then `message`. */
    static DataType type(String record, RowType wide) {
        Stream<DataTypes.Field> own = own(record, wide).getFields().stream()
                .map(field -> DataTypes.FIELD(field.getName(), TypeConversions.fromLogicalToDataType(field.getType())));
        DataTypes.Field message =
                DataTypes.FIELD(MESSAGE, DataTypes.RAW(Message.class, MessageSerializer.INSTANCE));
        return DataTypes.ROW(Stream.concat(own, Stream.of(message)).toArray(DataTypes.Field[]::new))
                .bridgedTo(RowData.class);
    }

    /** The record's own row with the message behind its fields; a row that waited, out of a checkpoint or not, is another. */
    RowData row(RowData wide, Message message) {
        RowData own = getters.length > 0 ? wide.getRow(ownColumn, getters.length) : new RecordRow(0);
        return (own instanceof RecordRow decoded ? decoded : copied(own)).append(message.asColumn());
    }

    private RecordRow copied(RowData own) {
        RecordRow row = new RecordRow(getters.length);
        for (int i = 0; i < getters.length; i++) {
            row.set(i, getters[i].getFieldOrNull(own));
        }
        return row;
    }
}
