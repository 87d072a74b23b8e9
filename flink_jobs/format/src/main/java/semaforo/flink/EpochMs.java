package semaforo.flink;

import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.ScalarFunction;

/** SQL `epoch_ms(instant)`: ms since 1970 UTC, which SQL itself only tells in seconds. */
public final class EpochMs extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    public @DataTypeHint("BIGINT NOT NULL") long eval(
            @DataTypeHint(value = "TIMESTAMP_LTZ(3)", bridgedTo = TimestampData.class) TimestampData instant) {
        return instant.getMillisecond();
    }
}
