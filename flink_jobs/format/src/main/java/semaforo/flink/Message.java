package semaforo.flink;

import org.apache.flink.core.memory.MemorySegment;
import org.apache.flink.core.memory.MemorySegmentFactory;
import org.apache.flink.table.data.RawValueData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.binary.BinaryRawValueData;

/**
 * What goes with an event past its SQL, untouched, as one column `message`: where it stood, its bytes, its head. (SQL
 * copies every string of a row that it touches.)
 *
 * @param appendedMs when the brokers had it
 * @param eventAtMs when the fact became known
 */
record Message(
        StringData topic,
        int partition,
        long offset,
        byte[] raw,
        long appendedMs,
        StringData eventId,
        long eventAtMs,
        Leg leg) {

    private static final MemorySegment[] NO_BYTES = {MemorySegmentFactory.wrap(new byte[0])};

    /** As a column's value. It is given bytes, none, since SQL would make them: see {@link MessageSerializer}. */
    RawValueData<Message> asColumn() {
        return new BinaryRawValueData<>(NO_BYTES, 0, 0, this);
    }
}
