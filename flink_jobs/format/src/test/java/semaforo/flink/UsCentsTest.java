package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UsCentsTest {
    private final UsCents cents = new UsCents();

    @Test
    void roundsHalfAwayFromZero() {
        assertEquals(62, cents.eval(1_230L, 50_000L)); // 61.5
        assertEquals(-62, cents.eval(-1_230L, 50_000L));
        assertEquals(61, cents.eval(1_229L, 50_000L)); // 61.45
        assertEquals(-7, cents.eval(-7L, 1_000_000L));
        assertEquals(0, cents.eval(null, 50_000L));
        assertEquals(0, cents.eval(5L, null));
    }

    @Test
    void isExactForAnyAmount() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long amount = random.nextLong() >> random.nextInt(60);
            long ppm = 1 + random.nextInt(1_000_000);
            BigDecimal exact = BigDecimal.valueOf(amount).multiply(BigDecimal.valueOf(ppm)).movePointLeft(6);
            assertEquals(exact.setScale(0, RoundingMode.HALF_UP).longValueExact(), cents.eval(amount, ppm));
        }
    }
}
