package semaforo.flink;

import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;

/** Codes of airports (three letters) and airlines (two letters or digits), as numbers: a byte per character. */
final class Iata {
    static final int NONE = -1;

    private Iata() {}

    /** NONE if it is not one. */
    static int airport(StringData code) {
        return number(code, 3, false);
    }

    /** NONE if it is not one. */
    static int airline(StringData code) {
        return number(code, 2, true);
    }

    /** The code again. */
    static String text(int number) {
        return number >>> 16 == 0
                ? "" + (char) (number >>> 8) + (char) (number & 0xFF)
                : (char) (number >>> 16) + text(number & 0xFFFF);
    }

    /** Of a string on the heap in one piece, as the decoder makes them. */
    private static int number(StringData code, int length, boolean orDigits) {
        BinaryStringData text = (BinaryStringData) code;
        if (text.getSizeInBytes() != length) {
            return NONE;
        }
        byte[] bytes = text.getSegments()[0].getArray();
        int number = 0;
        for (int at = text.getOffset(); at < text.getOffset() + length; at++) {
            if (!isLetter(bytes[at]) && !(orDigits && isDigit(bytes[at]))) {
                return NONE;
            }
            number = number << 8 | bytes[at];
        }
        return number;
    }

    private static boolean isLetter(byte character) {
        return character >= 'A' && character <= 'Z';
    }

    private static boolean isDigit(byte character) {
        return character >= '0' && character <= '9';
    }
}
