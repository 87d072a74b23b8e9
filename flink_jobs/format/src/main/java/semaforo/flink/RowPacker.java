package semaforo.flink;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Writes KPI rows as stream records (`schemas/rows.py`): MessagePack, by bucket of the entity.
 *
 * <p>A request is one text, a line per record as PutRecords has it in its body, and commas between them. So Python has
 * little more to do than to hash and to send it. (Of the 6 µs that a row cost there, 3 went into JSON, which looks at
 * each character of the base64, and 1 into base64.)
 *
 * <p>A bucket has at most one record in a request, since the stream keeps no order within one; so the rows of an entity,
 * always in one bucket, stay in order. Buckets lie evenly in the space of hash keys: by the hashes of their names one of
 * two shards had 13 of 16, and its lights came later. So do entities in buckets: by the hashes of theirs, a thousand routes
 * had 24 to 414 rows in a bucket.
 */
final class RowPacker {
    /**
     * 50 KB: a request of 70 full buckets is below the API's 5 MB, fifty records fit in a Lambda event of 6 MB, and the pane
     * of a thousand routes is one request, whose head and signature cost as much as a thousand rows.
     */
    private static final int MOST_ROWS = 250;

    private static final BigInteger HASH_KEYS = BigInteger.TWO.pow(128);

    private static final int VERSION = 2;

    private static final byte[] BETWEEN = ascii(",\n");
    private static final byte[] END = ascii("\"}");

    private final int measures;
    private final int revision;
    private final Consumer<byte[]> requests;
    private final Bucket[] filled;
    private final ByteArrayOutputStream request = new ByteArrayOutputStream();

    /** Of a row, before its measures. */
    private final long[] numbers = new long[4];

    private static final class Bucket {
        final byte[] entry;
        final MessagePack rows = new MessagePack();
        int array;
        int count;

        Bucket(int number, int buckets) {
            BigInteger middle = HASH_KEYS.multiply(BigInteger.valueOf(2L * number + 1))
                    .divide(BigInteger.valueOf(2L * buckets));
            entry = ascii("{\"PartitionKey\":\"" + number + "\",\"ExplicitHashKey\":\"" + middle + "\",\"Data\":\"");
        }
    }

    RowPacker(int measures, int buckets, int revision, Consumer<byte[]> requests) {
        this.measures = measures;
        this.filled = IntStream.range(0, buckets)
                .mapToObj(number -> new Bucket(number, buckets))
                .toArray(Bucket[]::new);
        this.revision = revision;
        this.requests = requests;
    }

    /**
     * @param sums [events, measures…]
     * @param flownBy carriers ("B6,DL"), a last value where there are any
     */
    void add(String scope, String entity, String window, long at, long ingestedAt, long[] sums, String flownBy) {
        Bucket bucket = filled[Math.floorMod(Leg.spread(entity.hashCode()), filled.length)];
        if (bucket.count == MOST_ROWS) {
            flush();
        }
        MessagePack rows = bucket.rows;
        if (bucket.count++ == 0) {
            rows.map(3).text("v").number(VERSION).text("n").number(measures).text("rows");
            bucket.array = rows.openArray();
        }
        boolean saysWho = !flownBy.isEmpty();
        rows.array(saysWho ? 9 : 8).texts(scope, entity, window);
        numbers[0] = at;
        numbers[1] = revision;
        numbers[2] = ingestedAt;
        numbers[3] = sums[0];
        rows.numbers(numbers, 0).array(sums.length - 1).numbers(sums, 1);
        if (saysWho) {
            rows.text(flownBy);
        }
    }

    /** Hands on what was added since the last request. */
    void flush() {
        for (Bucket bucket : filled) {
            if (bucket.count > 0) {
                bucket.rows.close(bucket.array, bucket.count);
                if (request.size() > 0) {
                    request.writeBytes(BETWEEN);
                }
                request.writeBytes(bucket.entry);
                request.writeBytes(Base64.getEncoder().encode(bucket.rows.written()).array());
                request.writeBytes(END);
                bucket.rows.clear();
                bucket.count = 0;
            }
        }
        if (request.size() > 0) {
            requests.accept(request.toByteArray());
            request.reset();
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
