package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AsciiTextTest {
    @Test
    void numbersReadAsJavaWritesThem() {
        Random random = new Random(3);
        AsciiText text = new AsciiText();
        StringBuilder expected = new StringBuilder();
        for (long edge : new long[] {0, 9, 10, -1, -9, -10, 99, 100, Long.MAX_VALUE, Long.MIN_VALUE}) {
            text.append(edge).append(',');
            expected.append(edge).append(',');
        }
        for (int i = 0; i < 10_000; i++) {
            long number = random.nextLong() >> random.nextInt(64);
            text.append(number).append(" ");
            expected.append(number).append(" ");
        }
        assertEquals(expected.toString(), textOf(text));
        assertEquals("[MQ==]", textOf(new AsciiText().append("[").appendBase64(new AsciiText().append(1)).append("]")));
        text.clear();
        assertTrue(text.isEmpty());
    }

    @Test
    void manyNumbersStandBetweenCommas() {
        Random random = new Random(4);
        for (int count = 0; count < 300; count++) {
            long[] numbers = random.longs(count).map(bits -> bits >> (bits & 63)).toArray();
            AsciiText text = new AsciiText().append("[").append(numbers, Math.min(count, 2)).append("]");
            String expected = LongStream.of(numbers).skip(2).mapToObj(Long::toString).collect(Collectors.joining(","));
            assertEquals("[" + expected + "]", textOf(text));
        }
    }

    private static String textOf(AsciiText text) {
        return new String(text.toBytes(), StandardCharsets.US_ASCII);
    }
}
