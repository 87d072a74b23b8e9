package semaforo.flink;

import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.TypeConversions;
import org.apache.flink.util.OutputTag;

/** The lane of one record: its own fields out of the wide row of all records, and its {@link Message}. */
final class Lane implements Serializable {
    private static final long serialVersionUID = 1L;
    static final String MESSAGE = "message";

    final String record;
    final OutputTag<RowData> tag;
    private final int[] columns;
    private final RowData.FieldGetter[] getters;

    /** @param fields those that its SQL may ask for; each is a column of `wide` */
    Lane(String record, List<String> fields, RowType wide) {
        this.record = record;
        columns = fields.stream().mapToInt(wide::getFieldIndex).toArray();
        getters = new RowData.FieldGetter[columns.length];
        for (int i = 0; i < columns.length; i++) {
            if (columns[i] < 0) {
                throw new ValidationException("field " + fields.get(i) + " of " + record + " is no column of the source");
            }
            getters[i] = RowData.createFieldGetter(wide.getTypeAt(columns[i]), columns[i]);
        }
        tag = new OutputTag<>(record, InternalTypeInfo.of(type(fields, wide).getLogicalType()));
    }

    /** The fields, then `message`. */
    static DataType type(List<String> fields, RowType wide) {
        Stream<DataTypes.Field> own = fields.stream()
                .map(field -> DataTypes.FIELD(
                        field, TypeConversions.fromLogicalToDataType(wide.getTypeAt(wide.getFieldIndex(field)))));
        DataTypes.Field message =
                DataTypes.FIELD(MESSAGE, DataTypes.RAW(Message.class, MessageSerializer.INSTANCE));
        return DataTypes.ROW(Stream.concat(own, Stream.of(message)).toArray(DataTypes.Field[]::new))
                .bridgedTo(RowData.class);
    }

    RowData row(RowData wide, Message message) {
        GenericRowData row = new GenericRowData(columns.length + 1);
        for (int i = 0; i < columns.length; i++) {
            row.setField(i, getters[i].getFieldOrNull(wide));
        }
        row.setField(columns.length, message.asColumn());
        return row;
    }
}
