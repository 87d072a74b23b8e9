package semaforo.flink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Longs as bytes; arrays of them big-endian: checkpoints write them in one go, not long by long. */
final class Longs {
    /** Of one long within bytes; a buffer around them took 4 % of the source's task. */
    static final VarHandle LITTLE_ENDIAN =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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
