package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.OutputTag;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdmissionOperatorTest {
    private static final RowType ROW = (RowType) DataTypes.ROW(
                    DataTypes.FIELD("problem", DataTypes.STRING()),
                    DataTypes.FIELD("is_clock_beat", DataTypes.BOOLEAN()),
                    DataTypes.FIELD("event_id", DataTypes.STRING()),
                    DataTypes.FIELD("event_at", DataTypes.BIGINT()))
            .getLogicalType();
    private static final OutputTag<RowData> DEAD = new OutputTag<>("dead", InternalTypeInfo.of(ROW));
    private static final OutputTag<RowData> LATE = new OutputTag<>("late", InternalTypeInfo.of(ROW));

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
        Admission.Limits limits = new Admission.Limits(100, 1_000, dropDuplicates, 3);
        OneInputStreamOperatorTestHarness<RowData, RowData> harness =
                new OneInputStreamOperatorTestHarness<>(new AdmissionOperator(ROW, DEAD, LATE, limits));
        harness.setup(InternalTypeInfo.of(ROW).toSerializer());
        if (restored != null) {
            harness.initializeState(restored);
        }
        harness.open();
        return harness;
    }

    private void restart() throws Exception {
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = open(true, state);
    }

    private void event(String id, long at) throws Exception {
        harness.processElement(new StreamRecord<>(GenericRowData.of(null, false, StringData.fromString(id), at)));
    }

    private void beat(long at) throws Exception {
        harness.processElement(new StreamRecord<>(GenericRowData.of(null, true, StringData.fromString("beat"), at)));
    }

    private static List<String> ids(Iterable<?> records) {
        List<String> ids = new ArrayList<>();
        for (Object record : records) {
            if (record instanceof StreamRecord<?> element) {
                ids.add(((RowData) element.getValue()).getString(2).toString());
            }
        }
        return ids;
    }

    private List<String> admitted() {
        return ids(harness.getOutput());
    }

    private List<String> side(OutputTag<RowData> tag) {
        Queue<StreamRecord<RowData>> records = harness.getSideOutput(tag);
        return records == null ? List.of() : ids(records);
    }

    @Test
    void eachRecordEndsInOnePlaceAndBeatsInNone() throws Exception {
        beat(1_000);
        event("good", 1_050);
        harness.processElement(new StreamRecord<>(GenericRowData.of(StringData.fromString("broken"), null, null, null)));
        harness.processWatermark(new Watermark(1_100));
        event("late", 1_100);
        event("in time", 1_101);
        event("good", 1_150);
        event("good", 1_150);
        event("far", 2_001);
        event("not far", 2_000);
        assertEquals(List.of("good", "in time", "good", "not far"), admitted());
        assertEquals(List.of("late"), side(LATE));
        Queue<StreamRecord<RowData>> dead = harness.getSideOutput(DEAD);
        assertEquals("broken", dead.poll().getValue().getString(0).toString());
        RowData far = dead.poll().getValue();
        assertEquals("event_at is 1 s ahead of the newest clock beat", far.getString(0).toString());
        assertEquals("far", far.getString(2).toString());
    }

    @Test
    void recordsWaitForTheFirstBeatInOrderAndBounded() throws Exception {
        event("first", 10);
        event("a year ahead", 1_000_000);
        event("third", 30);
        event("fourth", 40);
        assertEquals(List.of(), admitted());
        assertEquals(List.of("fourth"), side(DEAD));
        restart();
        beat(5);
        assertEquals(List.of("first", "third"), admitted());
        assertEquals(List.of("a year ahead"), side(DEAD));
    }

    @Test
    void verdictsSurviveARestart() throws Exception {
        beat(1_000);
        event("seen", 1_050);
        harness.processWatermark(new Watermark(1_010));
        restart();
        event("seen", 1_050);
        event("late", 1_010);
        event("far", 2_100);
        event("new", 1_060);
        assertEquals(List.of("new"), admitted());
        assertEquals(List.of("late"), side(LATE));
        assertEquals(List.of("far"), side(DEAD));
    }

    @Test
    void duplicatesPassWhereTheyAreNotToBeDropped() throws Exception {
        harness.close();
        harness = open(false, null);
        beat(1_000);
        event("twice", 1_050);
        event("twice", 1_050);
        assertEquals(List.of("twice", "twice"), admitted());
    }
}
