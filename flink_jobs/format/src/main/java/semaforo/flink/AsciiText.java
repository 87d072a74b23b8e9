package semaforo.flink;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/** ASCII text that grows. */
final class AsciiText {
    private byte[] bytes = new byte[1024];
    private int length;

    @SuppressWarnings("deprecation") // String.getBytes(from, to, …): the low bytes are what is wanted
    AsciiText append(String text) {
        room(text.length());
        text.getBytes(0, text.length(), bytes, length);
        length += text.length();
        return this;
    }

    AsciiText appendBase64(ByteBuffer data) {
        ByteBuffer encoded = Base64.getEncoder().encode(data);
        room(encoded.remaining());
        System.arraycopy(encoded.array(), 0, bytes, length, encoded.remaining());
        length += encoded.remaining();
        return this;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    boolean isEmpty() {
        return length == 0;
    }

    void clear() {
        length = 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }
}
