package semaforo.flink;

import java.nio.ByteBuffer;

/** Arrays of longs as bytes, big-endian: checkpoints write them in one go, not long by long. */
final class Longs {
    private Longs() {}

    static byte[] toBytes(long[] values, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * count);
        bytes.asLongBuffer().put(values, 0, count);
        return bytes.array();
    }

    static long[] ofBytes(byte[] bytes) {
        long[] values = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(values);
        return values;
    }
}
