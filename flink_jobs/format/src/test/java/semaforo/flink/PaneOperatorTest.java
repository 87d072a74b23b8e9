package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PaneOperatorTest {
    private static final Leg TO_LAX = new Leg("JFK", "LAX", "B6");
    private static final Leg TO_SFO = new Leg("JFK", "SFO", "B6");

    private OneInputStreamOperatorTestHarness<RowData, Tuple6<String, Long, Long, Long, long[], String>> harness;

    @BeforeEach
    void start() throws Exception {
        start(OperatorSubtaskState.builder().build());
    }

    private void start(OperatorSubtaskState checkpoint) throws Exception {
        List<Scope> scopes = List.of(Scope.parse("route 24h=1"), Scope.parse("airport 24h=1"));
        harness = new OneInputStreamOperatorTestHarness<>(new PaneOperator(Rows.columns(), 100, scopes, Rows.MEASURES.size()));
        harness.setup(PaneOperator.OUTPUT.createSerializer(harness.getExecutionConfig().getSerializerConfig()));
        harness.initializeState(checkpoint);
        harness.open();
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private void event(Leg leg, long at, Long seats, Integer flights) throws Exception {
        harness.processElement(new StreamRecord<>(row(leg, at, seats, flights)));
    }

    private static RowData row(Leg leg, long at, Long seats, Integer flights) {
        return GenericRowData.of(Rows.message("id", at, leg).asColumn(), null, seats, flights);
    }

    /** "key@end events [bits, measures…] carriers", sorted. */
    private List<String> panes() {
        List<String> panes = new ArrayList<>();
        for (Object record : harness.getOutput()) {
            if (record instanceof StreamRecord<?> element) {
                Tuple6<?, ?, ?, ?, ?, ?> pane = (Tuple6<?, ?, ?, ?, ?, ?>) element.getValue();
                assertEquals(5_000L, pane.f2);
                panes.add(pane.f0 + "@" + pane.f1 + " " + pane.f3 + " " + Arrays.toString((long[]) pane.f4)
                        + (pane.f5.equals("") ? "" : " " + pane.f5));
            }
        }
        harness.getOutput().clear();
        return panes.stream().sorted().toList();
    }

    @Test
    void aPaneGoesOutByEntityWhenTheWatermarkPassesItsEnd() throws Exception {
        event(TO_LAX, 101, 180L, 1);
        event(TO_LAX, 200, 20L, null);
        event(TO_SFO, 200, null, 2);
        event(TO_LAX, 201, 7L, -1);
        harness.processWatermark(new Watermark(199));
        assertEquals(List.of(), panes());
        harness.processWatermark(new Watermark(200));
        assertEquals(
                List.of(
                        "airport JFK@200 3 [5, 3, 200]",
                        "airport LAX@200 2 [5, 1, 200]",
                        "airport SFO@200 1 [1, 2]",
                        "route JFK-LAX@200 2 [5, 1, 200] B6",
                        "route JFK-SFO@200 1 [1, 2] B6"),
                panes());
        harness.processWatermark(new Watermark(1_000));
        assertEquals(
                List.of("airport JFK@300 1 [5, -1, 7]", "airport LAX@300 1 [5, -1, 7]", "route JFK-LAX@300 1 [5, -1, 7] B6"),
                panes());
    }

    @Test
    void aRoutesPaneSaysWhoFlewIt() throws Exception {
        event(new Leg("JFK", "LAX", "DL"), 101, null, 1);
        event(new Leg("JFK", "LAX", "B6,DL"), 102, null, null);
        event(new Leg("JFK", "LAX", "AA"), 103, null, 1);
        event(new Leg("JFK", "SFO", ""), 104, null, null);
        event(new Leg("LAX", "JFK", "UA"), 201, null, 1);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 1);
        harness.close();
        start(checkpoint);
        harness.processWatermark(new Watermark(300));
        assertEquals(
                List.of(
                        "airport JFK@200 4 [1, 2]",
                        "airport JFK@300 1 [1, 1]",
                        "airport LAX@200 3 [1, 2]",
                        "airport LAX@300 1 [1, 1]",
                        "airport SFO@200 1 [0]",
                        "route JFK-LAX@200 3 [1, 2] AA,B6,DL",
                        "route JFK-SFO@200 1 [0]",
                        "route LAX-JFK@300 1 [1, 1] UA"),
                panes());
    }

    @Test
    void anOpenPaneOutlivesARestartAndGoesOutInParts() throws Exception {
        event(TO_LAX, 101, 180L, 1);
        event(TO_LAX, 201, 9L, null);
        OperatorSubtaskState checkpoint = harness.snapshot(1, 1);
        harness.notifyOfCompletedCheckpoint(1);
        assertEquals(List.of(), panes());
        harness.close();

        start(checkpoint);
        event(TO_LAX, 102, null, null);
        OperatorSubtaskState second = harness.snapshot(2, 2);
        harness.processWatermark(new Watermark(200));
        List<String> closed = List.of(
                "airport JFK@200 1 [0]",
                "airport JFK@200 1 [5, 1, 180]",
                "airport LAX@200 1 [0]",
                "airport LAX@200 1 [5, 1, 180]",
                "route JFK-LAX@200 1 [0] B6",
                "route JFK-LAX@200 1 [5, 1, 180] B6");
        assertEquals(closed, panes());
        harness.close();

        start(second); // a checkpoint holds what an earlier one had held, if that is open still
        harness.processWatermark(new Watermark(200));
        assertEquals(closed, panes());
        OperatorSubtaskState third = harness.snapshot(3, 3);
        harness.close();

        start(third);
        harness.processWatermark(new Watermark(1_000));
        assertEquals(
                List.of("airport JFK@300 1 [4, 9]", "airport LAX@300 1 [4, 9]", "route JFK-LAX@300 1 [4, 9] B6"), panes());
    }

    @Test
    void theLanesOfATaskAddToOnePaneThatWaitsForTheSlowest() {
        Object task = new Object();
        List<Scope> scopes = List.of(Scope.parse("route 24h=1"));
        Panes panes = Panes.of(task, scopes, Rows.MEASURES.size());
        assertSame(panes, Panes.of(task, scopes, Rows.MEASURES.size()));
        int fast = panes.join();
        int slow = panes.join();
        LaneColumns some = Rows.columns();
        RowType onlyPassengers = (RowType) DataTypes.ROW(
                        DataTypes.FIELD("passengers", DataTypes.INT()),
                        DataTypes.FIELD("message", DataTypes.RAW(Message.class, MessageSerializer.INSTANCE)),
                        DataTypes.FIELD("problem", DataTypes.STRING()))
                .getLogicalType();
        LaneColumns others = new LaneColumns(onlyPassengers, Rows.MEASURES);
        Leg leg = new Leg("JFK", "LAX", "B6"); // a leg keeps its keys, and these scopes are others
        Message message = Rows.message("id", 150, leg);
        panes.add(200, message, some, row(leg, 150, 180L, 1));
        panes.add(200, message, others, GenericRowData.of(170, message.asColumn(), null));

        List<String> closed = new ArrayList<>();
        panes.pass(fast, 250, pane -> closed.add(pane.toString()));
        panes.pass(slow, 199, pane -> closed.add(pane.toString()));
        assertEquals(List.of(), closed);
        panes.pass(slow, 200, pane -> closed.add(pane.f0 + " " + pane.f3 + " " + Arrays.toString(pane.f4)));
        assertEquals(List.of("route JFK-LAX 2 [7, 1, 170, 180]"), closed);
    }

    @Test
    void nobodyIsToldOfIdleness() throws Exception {
        harness.processWatermarkStatus(WatermarkStatus.IDLE);
        harness.processWatermarkStatus(WatermarkStatus.ACTIVE);
        assertTrue(harness.getOutput().isEmpty());
    }

    @Test
    void aLaneHandsOnItsMessageItsProblemAndMeasuresOnly() {
        assertEquals(List.of("flights", "seats"), Rows.columns().measures());
        assertThrows(ValidationException.class, () -> new LaneColumns(Rows.LANE, List.of("flights")));
    }

    @Test
    void theEndOfAPaneBelongsToIt() {
        assertEquals(200, PaneOperator.endOfPane(101, 100));
        assertEquals(200, PaneOperator.endOfPane(200, 100));
        assertEquals(300, PaneOperator.endOfPane(201, 100));
        assertEquals(-100, PaneOperator.endOfPane(-100, 100));
    }

    @Test
    void messagesDoNotLeaveTheirTask() {
        assertThrows(IllegalStateException.class, () -> InternalTypeInfo.of(Rows.LANE)
                .toSerializer()
                .serialize(
                        GenericRowData.of(
                                org.apache.flink.table.data.RawValueData.fromObject(Rows.message("id", 1, TO_LAX)),
                                null,
                                1L,
                                1),
                        new org.apache.flink.core.memory.DataOutputSerializer(64)));
    }
}
