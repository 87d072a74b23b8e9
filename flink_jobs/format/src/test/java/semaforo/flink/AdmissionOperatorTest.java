package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdmissionOperatorTest {
    private static final Leg LEG = new Leg("JFK", "LAX", "B6");

    private OneInputStreamOperatorTestHarness<RowData, RowData> harness;

    @BeforeEach
    void start() throws Exception {
        harness = open(true, null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private static OneInputStreamOperatorTestHarness<RowData, RowData> open(
            boolean dropDuplicates, OperatorSubtaskState restored) throws Exception {
        OneInputStreamOperatorTestHarness<RowData, RowData> harness =
                new OneInputStreamOperatorTestHarness<>(new AdmissionOperator(Rows.columns(), 100, dropDuplicates));
        harness.setup(InternalTypeInfo.of(Rows.LANE).toSerializer());
        if (restored != null) {
            harness.initializeState(restored);
        }
        harness.open();
        return harness;
    }

    private void event(String id, long at) throws Exception {
        event(id, at, null);
    }

    private void event(String id, long at, String problem) throws Exception {
        harness.processElement(new StreamRecord<>(GenericRowData.of(
                Rows.message(id, at, LEG).asColumn(), StringData.fromString(problem), 180L, 1)));
    }

    private List<String> admitted() {
        List<String> ids = new ArrayList<>();
        for (Object record : harness.getOutput()) {
            if (record instanceof StreamRecord<?> element) {
                ids.add(Rows.columns().message((RowData) element.getValue()).eventId().toString());
            }
        }
        return ids;
    }

    @Test
    void eachEventEndsInOnePlace() throws Exception {
        event("good", 1_050);
        event("bad", 1_050, "seats are negative");
        harness.processWatermark(new Watermark(1_100));
        event("late", 1_100);
        event("bad and late", 1_000, "no seats");
        event("in time", 1_101);
        event("good", 1_150);
        event("good", 1_150);
        assertEquals(List.of("good", "in time", "good"), admitted());
        assertEquals(List.of("seats are negative", "late 1100", "no seats"), Rows.rejected(harness));
    }

    @Test
    void whatIsRejectedSaysWhereItStood() throws Exception {
        event("bad", 1_050, "no seats");
        RowData row = harness.getSideOutput(Rejected.TAG).poll().getValue();
        assertEquals("test.flight-status", row.getString(0).toString());
        assertEquals(2, row.getInt(1));
        assertEquals(7, row.getLong(2));
        assertEquals(List.of((byte) 1, (byte) 2), List.of(row.getBinary(3)[0], row.getBinary(3)[1]));
        assertEquals(5_000, row.getLong(4));
    }

    @Test
    void verdictsSurviveARestart() throws Exception {
        event("seen", 1_050);
        harness.processWatermark(new Watermark(1_010));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = open(true, state);
        event("seen", 1_050);
        event("late", 1_010);
        event("new", 1_060);
        assertEquals(List.of("new"), admitted());
        assertEquals(List.of("late 1010"), Rows.rejected(harness));
    }

    @Test
    void duplicatesPassWhereTheyAreNotToBeDropped() throws Exception {
        harness.close();
        harness = open(false, null);
        event("twice", 1_050);
        event("twice", 1_050);
        assertEquals(List.of("twice", "twice"), admitted());
    }
}
