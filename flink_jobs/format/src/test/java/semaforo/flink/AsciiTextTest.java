package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
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
        assertEquals(expected.toString(), text.toString());
        assertEquals("[MQ==]", new AsciiText().append("[").appendBase64(new AsciiText().append(1)).append("]").toString());
        text.clear();
        assertTrue(text.isEmpty());
    }
}
