package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;

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

    /** The records of a request's entries, as JSON. */
    static List<String> records(byte[] request) {
        return part(request, "$3").stream()
                .map(data -> json(Base64.getDecoder().decode(data)))
                .toList();
    }

    /** Of one value in MessagePack. */
    static String json(byte[] data) {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(data)) {
            String json = unpacker.unpackValue().toJson();
            assertFalse(unpacker.hasNext());
            return json;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static List<String> part(byte[] request, String group) {
        return Stream.of(new String(request, StandardCharsets.US_ASCII).split(",\n")).map(entry -> ENTRY.matcher(entry).replaceFirst(group)).toList();
    }
}
