package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;

class AvroCursorTest {
    private static final int MOST_BYTES = 10;

    private final AvroCursor cursor = new AvroCursor();

    /** Of every length, with both signs, and at both ends of each length. */
    private static List<Long> numbers() {
        List<Long> numbers = new ArrayList<>(List.of(0L, Long.MAX_VALUE, Long.MIN_VALUE));
        Random random = new Random(1);
        for (int bits = 0; bits < Long.SIZE; bits++) {
            for (long number : new long[] {1L << bits, (1L << bits) - 1, random.nextLong() >>> bits}) {
                numbers.addAll(List.of(number, -number, ~number));
            }
        }
        return numbers;
    }

    /** As Avro writes it. */
    private static byte[] written(long number) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeLong(number);
        return bytes.toByteArray();
    }

    @Test
    void everyNumberIsReadWhateverFollowsIt() throws Exception {
        for (long number : numbers()) {
            byte[] bytes = written(number);
            for (int more = 0; more < MOST_BYTES; more++) {
                byte[] message = Arrays.copyOf(bytes, bytes.length + more);
                Arrays.fill(message, bytes.length, message.length, (byte) 0xFF);
                cursor.start(message, 0);
                assertEquals(number, cursor.readLong());
                assertEquals(bytes.length, cursor.position());
            }
        }
    }

    @Test
    void aNumberThatIsCutOffOrNeverEndsIsMalformed() throws Exception {
        for (long number : numbers()) {
            byte[] bytes = written(number);
            for (int left = 0; left < bytes.length; left++) {
                cursor.start(Arrays.copyOf(bytes, left), 0);
                assertThrows(Malformed.class, cursor::readLong);
            }
        }
        for (int length = 1; length < 2 * MOST_BYTES; length++) {
            byte[] endless = new byte[length];
            Arrays.fill(endless, (byte) 0xFF);
            cursor.start(endless, 0);
            assertThrows(Malformed.class, cursor::readLong);
        }
    }
}
