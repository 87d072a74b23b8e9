package semaforo.flink;

import java.util.List;
import java.util.Properties;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

/**
 * All topics that feed KPIs as one table: Flink's Kafka source with our own decoder and watermarks.
 *
 * <p>Its columns are those of {@link MessageReader} and of the records. (Flink's Kafka table copied all columns of each
 * message three times, to add where it stood, to work out one from two others, and to put them in order, and asked each
 * for its watermark in SQL, whose code every partition compiled for itself: a fifth of what the source's task took.)
 */
final class MessageTable implements ScanTableSource {
    private final DataType columns;
    private final WriterSchemas schemas;
    private final List<String> topics;
    private final Properties client;
    private final BeatWatermarks.Limits limits;

    MessageTable(
            DataType columns,
            WriterSchemas schemas,
            List<String> topics,
            Properties client,
            BeatWatermarks.Limits limits) {
        this.columns = columns;
        this.schemas = schemas;
        this.topics = List.copyOf(topics);
        this.client = client;
        this.limits = limits;
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
        RowType row = (RowType) columns.getLogicalType();
        TypeInformation<RowData> produced = context.createTypeInformation(columns);
        KafkaSource<RowData> source = KafkaSource.<RowData>builder()
                .setTopics(topics)
                .setProperties(client)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setDeserializer(new MessageDeserializer(schemas, row, produced))
                .build();
        return new DataStreamScanProvider() {
            @Override
            public DataStream<RowData> produceDataStream(
                    ProviderContext provider, StreamExecutionEnvironment environment) {
                return environment
                        .fromSource(source, BeatWatermarks.strategy(row, limits), "messages", produced)
                        .uid("messages");
            }

            @Override
            public boolean isBounded() {
                return false;
            }
        };
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }

    @Override
    public DynamicTableSource copy() {
        return new MessageTable(columns, schemas, topics, client, limits);
    }

    @Override
    public String asSummaryString() {
        return "messages of " + String.join(", ", topics);
    }
}
