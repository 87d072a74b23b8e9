package semaforo.flink;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.SerializationFormatFactory;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/** `'format' = 'guarded-avro'`: Avro single-object encoding that turns a bad message into a row with its problem. */
public final class GuardedAvroFormatFactory implements DeserializationFormatFactory, SerializationFormatFactory {
    private static final ConfigOption<String> SCHEMAS = ConfigOptions.key("schemas")
            .stringType()
            .noDefaultValue()
            .withDescription("JSON list of all writer schemas, each record's oldest version first");
    private static final ConfigOption<String> RECORD = ConfigOptions.key("record")
            .stringType()
            .noDefaultValue()
            .withDescription("Sinks: name of the record to write");

    @Override
    public String factoryIdentifier() {
        return "guarded-avro";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(SCHEMAS);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(RECORD);
    }

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        FactoryUtil.validateFactoryOptions(this, options);
        WriterSchemas schemas = schemas(options);
        return new DecodingFormat<>() {
            @Override
            public DeserializationSchema<RowData> createRuntimeDecoder(
                    DynamicTableSource.Context source, DataType physical) {
                return new GuardedAvroDecoder(
                        schemas, (RowType) physical.getLogicalType(), source.createTypeInformation(physical));
            }

            @Override
            public ChangelogMode getChangelogMode() {
                return ChangelogMode.insertOnly();
            }
        };
    }

    @Override
    public EncodingFormat<SerializationSchema<RowData>> createEncodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        FactoryUtil.validateFactoryOptions(this, options);
        WriterSchemas schemas = schemas(options);
        String record = options.getOptional(RECORD)
                .orElseThrow(() -> new ValidationException("a sink needs the option guarded-avro.record"));
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

    private static WriterSchemas schemas(ReadableConfig options) {
        try {
            return WriterSchemas.fromJson(options.get(SCHEMAS));
        } catch (IOException notJson) {
            throw new ValidationException("option schemas is not a JSON list of Avro schemas", notJson);
        }
    }
}
