package semaforo.flink;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/** A message of a topic to a row: what {@link GuardedAvroDecoder} makes of its bytes, and where it stood. */
final class MessageDeserializer implements KafkaRecordDeserializationSchema<RowData> {
    private static final long serialVersionUID = 1L;

    private final GuardedAvroDecoder decoder;
    private final TypeInformation<RowData> produced;
    private final int topicColumn;
    private final int partitionColumn;
    private final int offsetColumn;
    private final int appendedColumn;

    private transient String lastTopic;
    private transient StringData lastName;

    MessageDeserializer(WriterSchemas schemas, RowType row, TypeInformation<RowData> produced) {
        this.produced = produced;
        new MessageReader(row); // a column that is missing fails where the job is built
        decoder = new GuardedAvroDecoder(schemas, row, MessageReader.SOURCE_COLUMNS);
        topicColumn = row.getFieldIndex(MessageReader.TOPIC);
        partitionColumn = row.getFieldIndex(MessageReader.PARTITION);
        offsetColumn = row.getFieldIndex(MessageReader.OFFSET);
        appendedColumn = row.getFieldIndex(MessageReader.APPENDED_AT);
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        decoder.open();
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> message, Collector<RowData> out) {
        RecordRow row = decoder.decode(message.value());
        row.setObject(topicColumn, name(message.topic()));
        row.setNumber(partitionColumn, message.partition());
        row.setNumber(offsetColumn, message.offset());
        row.setNumber(appendedColumn, message.timestamp());
        out.collect(row);
    }

    private StringData name(String topic) {
        if (topic != lastTopic) { // a partition's messages all have the same instance
            lastTopic = topic;
            lastName = FieldReaders.binary(topic);
        }
        return lastName;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return produced;
    }
}
