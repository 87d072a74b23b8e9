package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AsciiTextTest {
    @Test
    void textGrowsAndBeginsAnew() {
        AsciiText text = new AsciiText();
        byte[] data = new byte[5_000];
        new Random(3).nextBytes(data);
        text.append("[").appendBase64(ByteBuffer.wrap(data)).append("]");
        String expected = "[" + Base64.getEncoder().encodeToString(data) + "]";
        assertEquals(expected, new String(text.toBytes(), StandardCharsets.US_ASCII));
        text.clear();
        assertTrue(text.isEmpty());
        assertEquals("", new String(text.toBytes(), StandardCharsets.US_ASCII));
    }
}
