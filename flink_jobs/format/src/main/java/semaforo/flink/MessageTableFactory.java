package semaforo.flink;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;

/** `'connector' = 'kpi-topics'`: {@link MessageTable}. */
public final class MessageTableFactory implements DynamicTableSourceFactory {
    private static final String CLIENT_PREFIX = "properties.";

    private static final ConfigOption<List<String>> TOPICS = ConfigOptions.key("topics")
            .stringType()
            .asList()
            .noDefaultValue()
            .withDescription("Names, with ; between them");

    private static final ConfigOption<Duration> AHEAD = ConfigOptions.key("ahead")
            .durationType()
            .noDefaultValue()
            .withDescription("How far ahead of the brokers' clock a clock beat may run and still be believed");

    private static final ConfigOption<Duration> BOUND = ConfigOptions.key("bound")
            .durationType()
            .noDefaultValue()
            .withDescription("How far out of order a publisher may be");

    private static final ConfigOption<Duration> IDLE_TIMEOUT = ConfigOptions.key("idle-timeout")
            .durationType()
            .noDefaultValue()
            .withDescription("After which a partition without messages no longer holds time up");

    @Override
    public String factoryIdentifier() {
        return "kpi-topics";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(TOPICS, GuardedAvroFormatFactory.SCHEMAS, AHEAD, BOUND, IDLE_TIMEOUT);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validateExcept(CLIENT_PREFIX);
        ReadableConfig options = helper.getOptions();
        return new MessageTable(
                context.getPhysicalRowDataType(),
                GuardedAvroFormatFactory.schemas(options),
                options.get(TOPICS),
                client(context.getCatalogTable().getOptions()),
                new BeatWatermarks.Limits(
                        options.get(AHEAD).toMillis(), options.get(BOUND).toMillis(), options.get(IDLE_TIMEOUT)));
    }

    private static Properties client(Map<String, String> options) {
        Properties client = new Properties();
        options.forEach((key, value) -> {
            if (key.startsWith(CLIENT_PREFIX)) {
                client.setProperty(key.substring(CLIENT_PREFIX.length()), value);
            }
        });
        return client;
    }
}
