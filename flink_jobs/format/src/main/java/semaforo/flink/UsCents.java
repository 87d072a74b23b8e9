package semaforo.flink;

import java.math.BigInteger;
import org.apache.flink.table.functions.ScalarFunction;

/**
 * SQL `us_cents(amount_minor, usd_per_unit_ppm)`: amount x rate / 1,000,000, rounded half away from zero, in whole
 * numbers; 0 where either is null.
 */
public final class UsCents extends ScalarFunction {
    private static final long serialVersionUID = 1L;
    private static final long MILLION = 1_000_000;

    public long eval(Long amountMinor, Long usdPerUnitPpm) {
        if (amountMinor == null || usdPerUnitPpm == null) {
            return 0;
        }
        if (usdPerUnitPpm == MILLION) {
            return amountMinor;
        }
        return convert(amountMinor, usdPerUnitPpm);
    }

    private static long convert(long amount, long ppm) {
        long product = amount * ppm;
        if (Math.multiplyHigh(amount, ppm) != product >> 63 || Math.abs(product) > Long.MAX_VALUE - MILLION) {
            return convertExactly(amount, ppm);
        }
        return (product + (product < 0 ? -MILLION / 2 : MILLION / 2)) / MILLION;
    }

    /** Amounts beyond nine million million US$ cents at a rate of one: nonsense, but no reason to be wrong or to stop. */
    private static long convertExactly(long amount, long ppm) {
        BigInteger product = BigInteger.valueOf(amount).multiply(BigInteger.valueOf(ppm));
        BigInteger half = BigInteger.valueOf(product.signum() * MILLION / 2);
        return product.add(half).divide(BigInteger.valueOf(MILLION)).longValue();
    }
}
