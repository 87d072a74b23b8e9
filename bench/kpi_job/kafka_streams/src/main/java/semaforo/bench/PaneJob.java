package semaforo.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.Schema;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.Stores;

/**
 * The panes of routes as a Kafka Streams application: {@code PaneJob.properties} says from where to where.
 *
 * <p>It stops by itself when it has taken in the events that it was told of, and then waits to be killed, so that
 * whoever started it can read what it cost. A pane's newest message on the output topic is its value.
 */
public final class PaneJob {

    private static final Duration PANE = Duration.ofMinutes(1);
    /** Nothing is dropped as late: the topics of a partition are read in the order of their times only as far as known. */
    private static final Duration GRACE = Duration.ofDays(1);

    private final AtomicLong taken = new AtomicLong();

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Properties given = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(arguments[0]))) {
            given.load(reader);
        }
        new PaneJob().run(given);
        Files.createFile(Path.of(given.getProperty("done")));
        Thread.currentThread().join();
    }

    private void run(Properties given) throws IOException, InterruptedException {
        Properties settings = new Properties();
        given.stringPropertyNames().stream()
                .filter(name -> name.startsWith("streams."))
                .forEach(name -> settings.put(name.substring("streams.".length()), given.getProperty(name)));
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        long events = Long.parseLong(given.getProperty("events"));
        long warmUp = Long.parseLong(given.getProperty("warm.up"));
        Path takenFile = Path.of(given.getProperty("taken"));
        try (KafkaStreams streams = new KafkaStreams(topology(given), settings)) {
            streams.start();
            while (taken.get() < events) {
                if (streams.state() == KafkaStreams.State.ERROR) {
                    throw new IllegalStateException("the streams failed");
                }
                Thread.sleep(20);
                long now = taken.get();
                if (now >= warmUp && Files.notExists(takenFile)) {
                    Files.writeString(takenFile, Long.toString(now));
                }
            }
        } // closing commits and flushes
    }

    private Topology topology(Properties given) throws IOException {
        List<Schema> schemas = new ArrayList<>();
        for (String path : given.getProperty("schemas").split(",")) {
            schemas.add(new Schema.Parser().parse(Path.of(path).toFile()));
        }
        var facts = Serdes.serdeFrom((topic, fact) -> new byte[0], new FactDeserializer(schemas));
        var store = Stores.inMemoryWindowStore("panes", PANE.plus(GRACE), PANE, false);
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(
                        List.of(given.getProperty("topics").split(",")),
                        Consumed.with(Serdes.String(), facts)
                                // A pane is (s, s + 1 min]; a window here is [s, s + 1 min).
                                .withTimestampExtractor((record, newest) -> ((Fact) record.value()).eventAtMs() - 1))
                .filter((route, fact) -> !fact.isBeat())
                .peek((route, fact) -> taken.incrementAndGet())
                .groupByKey(Grouped.with(Serdes.String(), facts))
                .windowedBy(TimeWindows.ofSizeAndGrace(PANE, GRACE))
                .aggregate(
                        () -> Sums.NONE,
                        (route, fact, sums) -> sums.plus(fact),
                        Materialized.<String, Sums>as(store)
                                .withKeySerde(Serdes.String())
                                .withValueSerde(Sums.serde())
                                .withCachingEnabled())
                .toStream()
                .map(PaneJob::line)
                .to(given.getProperty("output"), Produced.with(Serdes.String(), Serdes.String()));
        return builder.build();
    }

    private static KeyValue<String, String> line(Windowed<String> pane, Sums sums) {
        String line = String.join(
                ",",
                pane.key(),
                Long.toString(pane.window().end()),
                Long.toString(sums.events()),
                Long.toString(sums.flights()),
                Long.toString(sums.arrivalsOnTime()),
                Long.toString(sums.seatKm()),
                Long.toString(sums.ticketRevenue()),
                Long.toString(sums.carrierDelayMinutes()),
                Long.toString(sums.satisfied()));
        return KeyValue.pair(pane.key(), line);
    }
}
