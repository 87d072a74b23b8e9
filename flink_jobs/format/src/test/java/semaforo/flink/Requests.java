package semaforo.flink;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is in the requests that {@link RowPacker} writes. */
final class Requests {
    private static final Pattern ENTRY = Pattern.compile(
            "\\{\"PartitionKey\":\"(\\d+)\",\"ExplicitHashKey\":\"(\\d+)\",\"Data\":\"(.*)\"}");

    private Requests() {}

    /** The buckets of a request's entries. */
    static List<String> buckets(byte[] request) {
        return part(request, "$1");
    }

    /** The hash keys of a request's entries. */
    static List<BigInteger> hashKeys(byte[] request) {
        return part(request, "$2").stream().map(BigInteger::new).toList();
    }

    /** The records of a request's entries. */
    static List<String> records(byte[] request) {
        return part(request, "$3").stream()
                .map(data -> new String(Base64.getDecoder().decode(data), StandardCharsets.US_ASCII))
                .toList();
    }

    private static List<String> part(byte[] request, String group) {
        return Stream.of(new String(request, StandardCharsets.US_ASCII).split(",\n")).map(entry -> ENTRY.matcher(entry).replaceFirst(group)).toList();
    }
}
