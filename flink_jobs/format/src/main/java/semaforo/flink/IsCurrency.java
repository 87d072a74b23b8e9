package semaforo.flink;

import org.apache.flink.table.functions.ScalarFunction;

/** SQL `is_currency(code)`: whether a text, as {@link ShortText} has it, has the form of an ISO 4217 code. */
public final class IsCurrency extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    public boolean eval(Long code) {
        return code != null && code >>> 24 == 0 && Iata.areLetters((int) (long) code);
    }
}
