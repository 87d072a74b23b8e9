package semaforo.flink;

import org.apache.flink.table.data.StringData;

/** Codes of airports (three letters) and airlines (two letters or digits), as numbers: a byte per character. */
final class Iata {
    static final int NONE = -1;

    private Iata() {}

    /** Of two or three capital letters or digits; NONE of any other text. */
    static int number(byte[] text, int start, int end) {
        int length = end - start;
        if (length != 2 && length != 3) {
            return NONE;
        }
        int number = 0;
        for (int at = start; at < end; at++) {
            if (!isLetter(text[at]) && !isDigit(text[at])) {
                return NONE;
            }
            number = number << 8 | text[at];
        }
        return number;
    }

    static int number(StringData text) {
        byte[] bytes = text.toBytes();
        return number(bytes, 0, bytes.length);
    }

    static boolean isAirport(int number) {
        return areLetters(number);
    }

    /** Of a number without a fourth character: whether the other three are capital letters. */
    static boolean areLetters(int number) {
        return isLetter(number >> 16) && isLetter(number >> 8 & 0xFF) && isLetter(number & 0xFF);
    }

    static boolean isAirline(int number) {
        return number >>> 16 == 0;
    }

    /** The code again. */
    static String text(int number) {
        return number >>> 16 == 0
                ? "" + (char) (number >>> 8) + (char) (number & 0xFF)
                : (char) (number >>> 16) + text(number & 0xFFFF);
    }

    private static boolean isLetter(int character) {
        return character >= 'A' && character <= 'Z';
    }

    private static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }
}
