package semaforo.flink;

import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryStringData;

/** Codes of airports (three letters) and airlines (two letters or digits), as numbers: a byte per character. */
final class Iata {
    static final int NONE = -1;

    private Iata() {}

    /** NONE if it is not one. */
    static int airport(StringData code) {
        BinaryStringData text = (BinaryStringData) code;
        int number = 0;
        for (int i = 0; i < 3; i++) {
            if (text.getSizeInBytes() != 3 || !isLetter(text.byteAt(i))) {
                return NONE;
            }
            number = number << 8 | text.byteAt(i);
        }
        return number;
    }

    /** NONE if it is not one. */
    static int airline(StringData code) {
        BinaryStringData text = (BinaryStringData) code;
        int number = 0;
        for (int i = 0; i < 2; i++) {
            if (text.getSizeInBytes() != 2 || !isLetter(text.byteAt(i)) && !isDigit(text.byteAt(i))) {
                return NONE;
            }
            number = number << 8 | text.byteAt(i);
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
