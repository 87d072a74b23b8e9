package semaforo.flink;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

/** Encodes a row as the newest version of one flat record whose fields are all columns. */
final class GuardedAvroEncoder implements SerializationSchema<RowData> {
    private static final long serialVersionUID = 1L;

    private final WriterSchemas schemas;
    private final String record;
    private final RowType row;

    private transient Schema schema;
    private transient int[] columns;
    private transient byte[] header;
    private transient BinaryEncoder encoder;

    GuardedAvroEncoder(WriterSchemas schemas, String record, RowType row) {
        this.schemas = schemas;
        this.record = record;
        this.row = row;
        open(null); // a record and columns that disagree fail where the job is built
    }

    @Override
    public void open(InitializationContext context) {
        schema = WriterSchemas.newest(schemas.parse(), record);
        List<Schema.Field> fields = schema.getFields();
        columns = new int[fields.size()];
        for (Schema.Field field : fields) {
            columns[field.pos()] = row.getFieldIndex(field.name());
            if (columns[field.pos()] < 0) {
                throw new ValidationException(record + " needs a column " + field.name());
            }
        }
        header = ByteBuffer.allocate(WriterSchemas.HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(WriterSchemas.MARKER_0)
                .put(WriterSchemas.MARKER_1)
                .putLong(WriterSchemas.fingerprint(schema))
                .array();
    }

    @Override
    public byte[] serialize(RowData element) {
        try {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.write(header);
            encoder = EncoderFactory.get().directBinaryEncoder(message, encoder);
            for (Schema.Field field : schema.getFields()) {
                write(field.schema(), element, columns[field.pos()]);
            }
            return message.toByteArray();
        } catch (IOException impossible) { // into memory
            throw new UncheckedIOException(impossible);
        }
    }

    private void write(Schema field, RowData element, int column) throws IOException {
        switch (field.getType()) {
            case STRING:
                byte[] text = element.getString(column).toBytes();
                encoder.writeBytes(text);
                break;
            case BYTES:
                encoder.writeBytes(element.getBinary(column));
                break;
            case INT:
                encoder.writeInt(element.getInt(column));
                break;
            case LONG:
                encoder.writeLong(element.getLong(column));
                break;
            default:
                throw new ValidationException("Avro " + field.getType() + " cannot be written yet");
        }
    }
}
