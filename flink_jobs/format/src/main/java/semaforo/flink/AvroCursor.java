package semaforo.flink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads Avro's binary encoding out of one message and never past its end.
 *
 * <p>Avro's own decoder believes a length it reads: a damaged one makes it allocate gigabytes. Here every length is
 * held against the bytes that are left, and whatever is wrong is one exception type.
 */
final class AvroCursor {
    private byte[] message = new byte[0];
    private int position;

    void start(byte[] newMessage, int offset) {
        message = newMessage;
        position = offset;
    }

    byte[] message() {
        return message;
    }

    int position() {
        return position;
    }

    int left() {
        return message.length - position;
    }

    int readInt() throws Malformed {
        long value = readLong();
        if (value != (int) value) {
            throw new Malformed("int out of range: " + value);
        }
        return (int) value;
    }

    /** Zig-zag, seven bits a byte, least significant first; the last byte is the one without the highest bit. */
    long readLong() throws Malformed {
        byte[] bytes = message;
        int start = position;
        if (start < bytes.length && bytes[start] >= 0) {
            position = start + 1;
            return zigZag(bytes[start]);
        }
        if (bytes.length - start >= Long.BYTES) {
            long eight = (long) Longs.LITTLE_ENDIAN.get(bytes, start);
            long lasts = ~eight & 0x8080_8080_8080_8080L;
            if (lasts != 0) {
                int bits = Long.numberOfTrailingZeros(lasts) + 1;
                position = start + bits / Byte.SIZE;
                return zigZag(sevens(eight & -1L >>> Long.SIZE - bits));
            }
        }
        return readLongByByte();
    }

    /** The low seven bits of each byte, side by side. */
    private static long sevens(long eight) {
        long pairs = eight & 0x007F_007F_007F_007FL | (eight & 0x7F00_7F00_7F00_7F00L) >>> 1;
        long fours = pairs & 0x0000_3FFF_0000_3FFFL | (pairs & 0x3FFF_0000_3FFF_0000L) >>> 2;
        return fours & 0x0FFF_FFFFL | (fours & 0x0FFF_FFFF_0000_0000L) >>> 4;
    }

    /** Near the end of a message, and of more than eight bytes. */
    private long readLongByByte() throws Malformed {
        long bits = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position == message.length) {
                throw truncated(1);
            }
            byte b = message[position++];
            bits |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return zigZag(bits);
            }
        }
        throw new Malformed("number of more than 10 bytes before byte " + position);
    }

    private static long zigZag(long bits) {
        return (bits >>> 1) ^ -(bits & 1);
    }

    boolean readBoolean() throws Malformed {
        byte b = message[advance(1)];
        if ((b & 0xFE) != 0) {
            throw new Malformed("boolean neither 0 nor 1: " + (b & 0xFF));
        }
        return b == 1;
    }

    float readFloat() throws Malformed {
        return ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getFloat(advance(4));
    }

    double readDouble() throws Malformed {
        return ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getDouble(advance(8));
    }

    /** The length of the bytes or string that follow, checked against what is left. */
    int readLength() throws Malformed {
        long length = readLong();
        if (length < 0) {
            throw new Malformed("negative length " + length + " before byte " + position);
        }
        if (length > left()) {
            throw truncated(length);
        }
        return (int) length;
    }

    /** Steps over `bytes` bytes and returns where they began. */
    int advance(int bytes) throws Malformed {
        if (bytes > left()) {
            throw truncated(bytes);
        }
        int start = position;
        position += bytes;
        return start;
    }

    /** Steps over a string and returns where it began; its end is the position after. */
    int advanceString() throws Malformed {
        int length = readLength();
        int start = position;
        int end = start + length;
        for (int i = start; i < end; i++) {
            if (message[i] < 0) {
                checkUtf8(start, length);
                break;
            }
        }
        position = end;
        return start;
    }

    /**
     * The number of items in the next block of an array or map, 0 after the last.
     *
     * @param smallestItemBytes what one item takes at least, so that a damaged count cannot keep us busy for long
     */
    int readBlockCount(int smallestItemBytes) throws Malformed {
        long count = readLong();
        if (count < 0) {
            count = -count;
            readLength();
        }
        if (count < 0 || count * Math.max(1, smallestItemBytes) > left()) {
            throw truncated(count);
        }
        return (int) count;
    }

    int readIndex(int size, String what) throws Malformed {
        long index = readLong();
        if (index < 0 || index >= size) {
            throw new Malformed(what + " index " + index + " out of range, there are " + size);
        }
        return (int) index;
    }

    private void checkUtf8(int start, int length) throws Malformed {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message, start, length));
        } catch (CharacterCodingException invalid) {
            throw new Malformed("string at byte " + start + " is not UTF-8");
        }
    }

    private Malformed truncated(long needed) {
        return new Malformed("truncated at byte " + position + ": " + needed + " bytes needed, " + left() + " left");
    }
}
