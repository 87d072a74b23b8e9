package semaforo.flink;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RowPackerTest {
    private final List<byte[]> requests = new ArrayList<>();

    @Test
    void writesARecordAsItsReadersExpect() {
        RowPacker packer = new RowPacker(2, 1, 3, requests::add);
        packer.add("route", "JFK-LAX", "24h", 1000, 2000, new long[] {5, 7, -8}, "B6,DL");
        packer.add("airport", "JFK", "3h", 1000, 2001, new long[] {6, 0, 9}, "");
        packer.flush();
        packer.flush();
        assertEquals(1, requests.size());
        assertEquals(List.of("0"), Requests.buckets(requests.get(0)));
        assertEquals(
                List.of("{\"v\":2,\"n\":2,\"rows\":[[\"route\",\"JFK-LAX\",\"24h\",1000,3,2000,5,[7,-8],\"B6,DL\"],"
                        + "[\"airport\",\"JFK\",\"3h\",1000,3,2001,6,[0,9]]]}"),
                Requests.records(requests.get(0)));
    }

    @Test
    void anEntryIsWrittenAsTheApiHasItInItsBody() {
        RowPacker packer = new RowPacker(1, 1, 0, requests::add);
        packer.add("route", "A", "B", 1, 2, new long[] {3, 4}, "");
        packer.flush();
        // python -c 'import base64, sys; sys.stdout.buffer.write(base64.b64encode(b"\x83\xa1v\2\xa1n\1\xa4rows"
        //     b"\xdc\0\1\x98\xa5route\xa1A\xa1B\1\0\2\3\x91\4"))'
        String data = "g6F2AqFuAaRyb3dz3AABmKVyb3V0ZaFBoUIBAAIDkQQ=";
        String middle = "170141183460469231731687303715884105728"; // 2^127
        String entry = "{\"PartitionKey\":\"0\",\"ExplicitHashKey\":\"" + middle + "\",\"Data\":\"" + data + "\"}";
        assertEquals(1, requests.size());
        assertEquals(entry, new String(requests.get(0), StandardCharsets.US_ASCII));
    }

    @Test
    void bucketsLieEvenlyInTheSpaceOfHashKeys() {
        RowPacker packer = new RowPacker(1, 16, 0, requests::add);
        for (int number = 0; number < 200; number++) { // one at least in each bucket
            packer.add("carrier", "C" + number, "3h", 1, 2, new long[] {3, 4}, "");
        }
        packer.flush();
        List<BigInteger> keys = Requests.hashKeys(requests.get(0));
        assertEquals(16, keys.size());
        for (int shards : new int[] {2, 4, 8}) {
            BigInteger width = BigInteger.TWO.pow(128).divide(BigInteger.valueOf(shards));
            Map<BigInteger, Long> buckets = keys.stream().collect(groupingBy(key -> key.divide(width), counting()));
            assertEquals(shards, buckets.size());
            assertEquals(Set.of(16L / shards), Set.copyOf(buckets.values()));
        }
    }

    @Test
    void routesLieEvenlyInTheBuckets() {
        RowPacker packer = new RowPacker(1, 16, 0, requests::add);
        List<String> airports = List.of("ATL", "BOS", "DFW", "EWR", "JFK", "LAX", "LGA", "MEX", "MIA", "ORD");
        for (String origin : airports) {
            for (String destination : airports) {
                packer.add("route", origin + "-" + destination, "24h", 1, 2, new long[] {3, 4}, "");
            }
        }
        packer.flush();
        List<Integer> rows = Requests.records(requests.get(0)).stream().map(each -> each.split("\"route\"").length - 1).toList();
        assertEquals(100, rows.stream().mapToInt(Integer::intValue).sum());
        assertTrue(rows.stream().allMatch(count -> count <= 2 * 100 / 16), rows.toString());
    }

    @Test
    void aBucketHasOneRecordInARequestAndAnEntityKeepsItsOrder() {
        RowPacker packer = new RowPacker(1, 4, 0, requests::add);
        for (int at = 0; at < 600; at++) {
            packer.add("airport", "JFK", "3h", at, 0, new long[] {1, 1}, "");
            packer.add("airport", "MEX", "3h", at, 0, new long[] {1, 1}, "");
        }
        packer.flush();
        assertTrue(requests.size() > 2);
        List<Long> order = new ArrayList<>();
        for (byte[] request : requests) {
            List<String> buckets = Requests.buckets(request);
            assertEquals(buckets.stream().distinct().toList(), buckets);
            String records = String.join("", Requests.records(request));
            Pattern.compile("\"JFK\",\"3h\",(\\d+)").matcher(records).results().map(MatchResult::group).forEach(
                    row -> order.add(Long.parseLong(row.substring(row.lastIndexOf(',') + 1))));
        }
        assertEquals(java.util.stream.LongStream.range(0, 600).boxed().toList(), order);
    }
}
