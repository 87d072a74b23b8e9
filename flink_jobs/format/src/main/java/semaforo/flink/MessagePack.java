package semaforo.flink;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** What a KPI row needs of MessagePack (github.com/msgpack/msgpack/blob/master/spec.md), in bytes that grow. */
final class MessagePack {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int LONGEST_NUMBER = 9;
    private static final int LONGEST_TEXT = 0xffff;

    private byte[] bytes = new byte[1024];
    private int length;

    /** The head of a map of at most 15 keys; its keys and values follow. */
    MessagePack map(int keys) {
        room(1);
        bytes[length++] = (byte) (0x80 | keys);
        return this;
    }

    /** The head of an array of at most 65,535; they follow. */
    MessagePack array(int count) {
        if (count < 0x10) {
            room(1);
            bytes[length++] = (byte) (0x90 | count);
        } else {
            close(openArray(), count);
        }
        return this;
    }

    /** The head of an array that will be told how many it has; where it is. */
    int openArray() {
        room(3);
        int head = length;
        bytes[head] = (byte) 0xdc;
        length += 3;
        return head;
    }

    /** Says of an array how many it has, at most 65,535. */
    void close(int array, int count) {
        SHORT.set(bytes, array + 1, (short) count);
    }

    /** ASCII, at most 65,535 characters each, one after the other. (Calls by themselves are each compiled into the caller.) */
    MessagePack texts(String... texts) {
        for (String text : texts) {
            text(text);
        }
        return this;
    }

    @SuppressWarnings("deprecation") // String.getBytes(from, to, …): the low bytes are what is wanted
    MessagePack text(String text) {
        int characters = text.length();
        if (characters > LONGEST_TEXT) {
            throw new IllegalArgumentException("a text of " + characters + " characters");
        }
        room(3 + characters);
        if (characters < 0x20) {
            bytes[length++] = (byte) (0xa0 | characters);
        } else {
            bytes[length] = (byte) 0xda;
            SHORT.set(bytes, length + 1, (short) characters);
            length += 3;
        }
        text.getBytes(0, characters, bytes, length);
        length += characters;
        return this;
    }

    /** Those from `from` on, one after the other. */
    MessagePack numbers(long[] numbers, int from) {
        room(LONGEST_NUMBER * (numbers.length - from));
        int end = length;
        for (int i = from; i < numbers.length; i++) {
            end = put(bytes, end, numbers[i]);
        }
        length = end;
        return this;
    }

    MessagePack number(long number) {
        room(LONGEST_NUMBER);
        length = put(bytes, length, number);
        return this;
    }

    /** In the fewest bytes; where it ends. */
    private static int put(byte[] bytes, int at, long number) {
        if (number >= -0x20 && number < 0x80) {
            bytes[at] = (byte) number;
            return at + 1;
        }
        if (number >= 0 && number < 0x100) {
            bytes[at] = (byte) 0xcc;
            bytes[at + 1] = (byte) number;
            return at + 2;
        }
        if (number >= 0 && number < 0x1_0000) {
            bytes[at] = (byte) 0xcd;
            SHORT.set(bytes, at + 1, (short) number);
            return at + 3;
        }
        if (number >= Integer.MIN_VALUE && number < 0x1_0000_0000L) {
            bytes[at] = (byte) (number < 0 ? 0xd2 : 0xce);
            INT.set(bytes, at + 1, (int) number);
            return at + 5;
        }
        bytes[at] = (byte) (number < 0 ? 0xd3 : 0xcf);
        LONG.set(bytes, at + 1, number);
        return at + 9;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }

    void clear() {
        length = 0;
    }

    /** A view, good until more is written. */
    ByteBuffer written() {
        return ByteBuffer.wrap(bytes, 0, length);
    }
}
