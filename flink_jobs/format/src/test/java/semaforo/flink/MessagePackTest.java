package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePacker;

/** Held against the library that its specification names for Java. */
class MessagePackTest {
    private static final long[] EDGES = {
        0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000, 0x7fff_ffffL, 0x8000_0000L, 0xffff_ffffL, 0x1_0000_0000L,
        Long.MAX_VALUE, -1, -0x20, -0x21, -0x80, -0x81, -0x8000, -0x8001, Integer.MIN_VALUE, Integer.MIN_VALUE - 1L,
        Long.MIN_VALUE
    };

    private static byte[] bytes(MessagePack written) {
        return Arrays.copyOf(written.written().array(), written.written().limit());
    }

    @Test
    void numbersAreReadAsTheyWereWritten() {
        Random random = new Random(3);
        long[] numbers = LongStream.concat(
                        LongStream.of(EDGES), LongStream.generate(() -> random.nextLong() >> random.nextInt(64)).limit(10_000))
                .toArray();
        byte[] written = bytes(new MessagePack().array(numbers.length).numbers(numbers, 0));
        assertEquals(Arrays.toString(numbers).replace(" ", ""), Requests.json(written));
        for (long number : numbers) {
            assertEquals(Long.toString(number), Requests.json(bytes(new MessagePack().number(number))));
        }
    }

    @Test
    void whatIsNotNegativeTakesNoMoreThanItMust() throws IOException {
        for (long number : EDGES) {
            MessageBufferPacker least = org.msgpack.core.MessagePack.newDefaultBufferPacker();
            ((MessagePacker) least).packLong(number).flush();
            if (number >= 0) {
                assertEquals(least.getTotalWrittenBytes(), bytes(new MessagePack().number(number)).length, "" + number);
            }
        }
    }

    @Test
    void mapsArraysAndTextsOfAllLengths() {
        for (int count : new int[] {0, 1, 15, 16, 31, 32, 255, 256, 1300}) {
            String text = "A".repeat(count);
            MessagePack written = new MessagePack().map(2).text("k").array(count);
            for (int i = 0; i < count; i++) {
                written.texts(text);
            }
            written.text("open");
            int array = written.openArray();
            written.number(7).number(8).close(array, 2);
            String texts = String.join(",", java.util.Collections.nCopies(count, "\"" + text + "\""));
            assertEquals("{\"k\":[" + texts + "],\"open\":[7,8]}", Requests.json(bytes(written)));
            written.clear();
            assertEquals("1", Requests.json(bytes(written.number(1))));
        }
        assertThrows(IllegalArgumentException.class, () -> new MessagePack().text("A".repeat(0x1_0000)));
    }
}
