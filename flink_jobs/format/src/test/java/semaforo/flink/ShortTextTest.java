package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.apache.flink.table.data.StringData;
import org.junit.jupiter.api.Test;

class ShortTextTest {
    private static long number(String text) {
        return ShortText.number(StringData.fromString(text));
    }

    @Test
    void aByteStandsForACharacter() {
        assertEquals(0x555344, number("USD"));
        assertEquals(0x6D6F64656C6C6564L, number("modelled"));
    }

    @Test
    void noTwoTextsShareANumber() {
        Set<Long> numbers = new HashSet<>();
        for (String text : new String[] {"U", "US", "USD", "USD!", "usd", "D", "SD", "modelled", "Modelled", "modelle"}) {
            assertTrue(numbers.add(number(text)), text);
        }
        for (String other : new String[] {"", "modelled.", "US D", " USD", "\0USD", "\u00fcSD", "US\u007f", "\n"}) {
            assertEquals(ShortText.NONE, number(other), other);
        }
    }

    @Test
    void aCurrencyHasThreeCapitalLetters() {
        IsCurrency isCurrency = new IsCurrency();
        for (String code : new String[] {"USD", "MXN", "AAA", "ZZZ"}) {
            assertTrue(isCurrency.eval(number(code)), code);
        }
        for (String other : new String[] {"", "US", "USDX", "usd", "US1", "@SD", "[SD", "USD\n", "XXXXXUSD"}) {
            assertFalse(isCurrency.eval(number(other)), other);
        }
        assertFalse(isCurrency.eval(null));
    }
}
