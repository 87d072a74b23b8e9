package semaforo.flink;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Writes KPI rows as stream records (`schemas/rows.py`): JSON, by bucket of the entity.
 *
 * <p>A request is one text, a line per record: "bucket record". A bucket has at most one record in a request, since the
 * stream keeps no order within one; so the rows of an entity, always in one bucket, stay in order.
 */
final class RowPacker {
    /** A Lambda event is at most 6 MB: 200 rows of some 300 bytes leave room for a hundred records in one. */
    private static final int MOST_ROWS = 200;

    private final String head;
    private final int buckets;
    private final int revision;
    private final Consumer<String> requests;
    private final Map<Integer, Bucket> filled = new TreeMap<>();

    private static final class Bucket {
        final StringBuilder rows = new StringBuilder();
        int count;
    }

    RowPacker(int measures, int buckets, int revision, Consumer<String> requests) {
        this.head = " {\"v\":1,\"n\":" + measures + ",\"rows\":[";
        this.buckets = buckets;
        this.revision = revision;
        this.requests = requests;
    }

    /** @param sums [events, measures…] */
    void add(String scope, String entity, String window, long at, long ingestedAt, long[] sums) {
        int number = Math.floorMod(entity.hashCode(), buckets);
        Bucket bucket = filled.get(number);
        if (bucket != null && bucket.count == MOST_ROWS) {
            flush();
            bucket = null;
        }
        if (bucket == null) {
            bucket = new Bucket();
            filled.put(number, bucket);
        }
        StringBuilder rows = bucket.rows;
        rows.append(bucket.count++ == 0 ? "[\"" : ",[\"");
        rows.append(scope).append("\",\"").append(entity).append("\",\"").append(window).append("\",");
        rows.append(at).append(',').append(revision).append(',').append(ingestedAt).append(',').append(sums[0]);
        for (int i = 1; i < sums.length; i++) {
            rows.append(i == 1 ? ",[" : ",").append(sums[i]);
        }
        rows.append("]]");
    }

    /** Hands on what was added since the last request. */
    void flush() {
        if (filled.isEmpty()) {
            return;
        }
        StringBuilder request = new StringBuilder();
        filled.forEach((number, bucket) -> {
            request.append(request.length() == 0 ? "" : "\n").append(number).append(head);
            request.append(bucket.rows).append("]}");
        });
        filled.clear();
        requests.accept(request.toString());
    }
}
