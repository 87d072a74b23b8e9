package semaforo.flink;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.SerializationFormatFactory;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/** `'format' = 'guarded-avro'` of sinks: Avro single-object encoding ({@link MessageTable} reads it). */
public final class GuardedAvroFormatFactory implements SerializationFormatFactory {
    static final ConfigOption<String> SCHEMAS = ConfigOptions.key("schemas")
            .stringType()
            .noDefaultValue()
            .withDescription("JSON list of all writer schemas, each record's oldest version first");
    private static final ConfigOption<String> RECORD = ConfigOptions.key("record")
            .stringType()
            .noDefaultValue()
            .withDescription("Name of the record to write");

    @Override
    public String factoryIdentifier() {
        return "guarded-avro";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(SCHEMAS, RECORD);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public EncodingFormat<SerializationSchema<RowData>> createEncodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        FactoryUtil.validateFactoryOptions(this, options);
        WriterSchemas schemas = schemas(options);
        String record = options.get(RECORD);
        return new EncodingFormat<>() {
            @Override
            public SerializationSchema<RowData> createRuntimeEncoder(DynamicTableSink.Context sink, DataType consumed) {
                return new GuardedAvroEncoder(schemas, record, (RowType) consumed.getLogicalType());
            }

            @Override
            public ChangelogMode getChangelogMode() {
                return ChangelogMode.insertOnly();
            }
        };
    }

    /** Those of the option. ValidationException if it is no JSON list. */
    static WriterSchemas schemas(ReadableConfig options) {
        try {
            return WriterSchemas.fromJson(options.get(SCHEMAS));
        } catch (IOException notJson) {
            throw new ValidationException("option schemas is not a JSON list of Avro schemas", notJson);
        }
    }
}
