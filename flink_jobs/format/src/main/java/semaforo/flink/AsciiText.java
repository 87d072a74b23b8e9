package semaforo.flink;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/** ASCII text that grows. (A StringBuilder took 2 µs for the 50 numbers of a KPI row, this takes 0.3.) */
final class AsciiText {
    private static final int LONGEST_NUMBER = 20;

    /** The digits of 0 to 99. */
    private static final byte[] TENS = new byte[100];

    private static final byte[] ONES = new byte[100];

    static {
        for (int pair = 0; pair < 100; pair++) {
            TENS[pair] = (byte) ('0' + pair / 10);
            ONES[pair] = (byte) ('0' + pair % 10);
        }
    }

    private byte[] bytes = new byte[1024];
    private int length;
    private final byte[] digits = new byte[LONGEST_NUMBER];

    /** One after the other. (Each call by itself is compiled into its caller: a dozen of them took half a second.) */
    AsciiText append(String... texts) {
        for (String text : texts) {
            append(text);
        }
        return this;
    }

    @SuppressWarnings("deprecation") // String.getBytes(from, to, …): the low bytes are what is wanted
    AsciiText append(String text) {
        room(text.length());
        text.getBytes(0, text.length(), bytes, length);
        length += text.length();
        return this;
    }

    AsciiText appendBase64(AsciiText text) {
        ByteBuffer encoded = Base64.getEncoder().encode(ByteBuffer.wrap(text.bytes, 0, text.length));
        room(encoded.remaining());
        System.arraycopy(encoded.array(), 0, bytes, length, encoded.remaining());
        length += encoded.remaining();
        return this;
    }

    AsciiText append(char character) {
        room(1);
        bytes[length++] = (byte) character;
        return this;
    }

    /** Those from `from` on, with commas between. */
    AsciiText append(long[] numbers, int from) {
        room((1 + LONGEST_NUMBER) * (numbers.length - from));
        byte[] text = bytes;
        int end = length;
        for (int i = from; i < numbers.length; i++) {
            if (i > from) {
                text[end++] = ',';
            }
            long number = numbers[i];
            if (number >= 0 && number < 10) { // most measures of most rows
                text[end++] = (byte) ('0' + number);
            } else {
                length = end;
                append(number);
                end = length;
            }
        }
        length = end;
        return this;
    }

    AsciiText append(long number) {
        room(LONGEST_NUMBER);
        if (number >= 0 && number < 10) {
            bytes[length++] = (byte) ('0' + number);
            return this;
        }
        // Negative all along: the lowest long has no positive twin.
        long rest = number < 0 ? number : -number;
        int first = LONGEST_NUMBER;
        while (rest <= -100) {
            long hundreds = rest / 100;
            int pair = (int) (hundreds * 100 - rest);
            digits[--first] = ONES[pair];
            digits[--first] = TENS[pair];
            rest = hundreds;
        }
        digits[--first] = ONES[(int) -rest];
        if (rest <= -10) {
            digits[--first] = TENS[(int) -rest];
        }
        if (number < 0) {
            digits[--first] = '-';
        }
        System.arraycopy(digits, first, bytes, length, LONGEST_NUMBER - first);
        length += LONGEST_NUMBER - first;
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
