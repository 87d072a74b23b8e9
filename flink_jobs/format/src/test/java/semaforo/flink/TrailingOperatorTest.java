package semaforo.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrailingOperatorTest {
    private static final List<Scope> SCOPES =
            List.of(Scope.parse("route 24h=86400000 7d=604800000"), Scope.parse("airport 3h=10800000"));
    private static final long HOUR = 3_600_000;

    private KeyedOneInputStreamOperatorTestHarness<String, Tuple6<String, Long, Long, Long, long[], String>, byte[]> harness;

    @BeforeEach
    void start() throws Exception {
        harness = open(null);
    }

    @AfterEach
    void stop() throws Exception {
        harness.close();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Tuple6<String, Long, Long, Long, long[], String>, byte[]>
            open(OperatorSubtaskState restored) throws Exception {
        return open(restored, 2);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Tuple6<String, Long, Long, Long, long[], String>, byte[]>
            open(OperatorSubtaskState restored, int measures) throws Exception {
        KeyedOneInputStreamOperatorTestHarness<String, Tuple6<String, Long, Long, Long, long[], String>, byte[]> harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new TrailingOperator(SCOPES, measures, 1, 0), pane -> pane.f0, Types.STRING);
        if (restored != null) {
            harness.initializeState(restored);
        }
        harness.open();
        return harness;
    }

    private void pane(String key, long at, long first, long second) throws Exception {
        pane(key, at, first, second, "");
    }

    private void pane(String key, long at, long first, long second, String carriers) throws Exception {
        long[] measures = {3, first, second};
        harness.processElement(new StreamRecord<>(Tuple6.of(key, at, 10 + at, 1L, measures, carriers)));
    }

    private List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (Object record : harness.getOutput()) {
            if (record instanceof StreamRecord<?> element) {
                for (String text : Requests.records((byte[]) element.getValue())) {
                    rows.add(text.substring(text.indexOf("[[") + 1, text.length() - 2));
                }
            }
        }
        harness.getOutput().clear();
        return rows;
    }

    @Test
    void panesOfAnEntityAddUpAndGoOutWhenTheWatermarkPassesThem() throws Exception {
        pane("airport JFK", HOUR, 1, 2);
        pane("airport JFK", HOUR, 10, 20);
        pane("airport JFK", 4 * HOUR, 100, 200);
        harness.processWatermark(new Watermark(HOUR - 1));
        assertEquals(List.of(), rows());
        harness.processWatermark(new Watermark(HOUR));
        assertEquals(List.of("[\"airport\",\"JFK\",\"3h\",3600000,0,3600010,2,[11,22]]"), rows());
        harness.processWatermark(new Watermark(9 * HOUR));
        assertEquals(List.of("[\"airport\",\"JFK\",\"3h\",14400000,0,14400010,1,[100,200]]"), rows());
    }

    @Test
    void aRestartGoesOnWhereTheCheckpointStood() throws Exception {
        pane("route JFK-LAX", HOUR, 1, 2);
        harness.processWatermark(new Watermark(2 * HOUR));
        rows();
        pane("route JFK-LAX", 20 * HOUR, 10, 20);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = open(state);
        pane("route JFK-LAX", 25 * HOUR, 100, 200);
        harness.processWatermark(new Watermark(30 * HOUR));
        assertEquals(
                List.of("[\"route\",\"JFK-LAX\",\"24h\",72000000,0,72000010,2,[11,22]],"
                        + "[\"route\",\"JFK-LAX\",\"7d\",72000000,0,72000010,2,[11,22]],"
                        + "[\"route\",\"JFK-LAX\",\"24h\",90000000,0,90000010,2,[110,220]],"
                        + "[\"route\",\"JFK-LAX\",\"7d\",90000000,0,90000010,3,[111,222]]"),
                rows());
    }

    @Test
    void a24HourRowOfARouteSaysWhoFliesThereAlsoAfterARestart() throws Exception {
        pane("route JFK-LAX", HOUR, 1, 2, "B6");
        pane("route JFK-LAX", 24 * HOUR, 1, 2, "DL");
        pane("route JFK-LAX", 25 * HOUR, 1, 2, "AA,DL");
        harness.processWatermark(new Watermark(HOUR));
        assertEquals(
                List.of("[\"route\",\"JFK-LAX\",\"24h\",3600000,0,3600010,1,[1,2],\"B6\"],"
                        + "[\"route\",\"JFK-LAX\",\"7d\",3600000,0,3600010,1,[1,2]]"),
                rows());
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = open(state);
        harness.processWatermark(new Watermark(30 * HOUR));
        assertEquals(
                List.of("[\"route\",\"JFK-LAX\",\"24h\",86400000,0,86400010,2,[2,4],\"B6,DL\"],"
                        + "[\"route\",\"JFK-LAX\",\"7d\",86400000,0,86400010,2,[2,4]],"
                        + "[\"route\",\"JFK-LAX\",\"24h\",90000000,0,90000010,2,[2,4],\"AA,DL\"],"
                        + "[\"route\",\"JFK-LAX\",\"7d\",90000000,0,90000010,3,[3,6]]"),
                rows());
    }

    @Test
    void aFlightCountsAtBothAirportsAndAHeartbeatAtAllItsCarriers() {
        assertEquals(List.of("JFK-LAX"), Scope.parse("route 24h=1").entities("JFK", "LAX", "B6,DL"));
        assertEquals(List.of("JFK", "LAX"), Scope.parse("airport 24h=1").entities("JFK", "LAX", "B6,DL"));
        assertEquals(List.of("B6", "DL"), Scope.parse("carrier 24h=1").entities("JFK", "LAX", "B6,DL"));
        assertEquals(List.of(), Scope.parse("carrier 24h=1").entities("JFK", "LAX", ""));
    }

    @Test
    void aMeasureThatTheNextReleaseAddsCountsFromThereOn() throws Exception {
        pane("airport JFK", HOUR, 1, 2);
        harness.processWatermark(new Watermark(HOUR));
        pane("airport JFK", 2 * HOUR, 10, 20);
        rows();
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = open(state, 3);
        long[] added = {7, 100, 200, 300};
        harness.processElement(
                new StreamRecord<>(Tuple6.of("airport JFK", 2 * HOUR, 10 + 2 * HOUR, 1L, added, "")));
        harness.processWatermark(new Watermark(2 * HOUR));
        assertEquals(List.of("[\"airport\",\"JFK\",\"3h\",7200000,0,7200010,3,[111,222,300]]"), rows());
        pane("airport JFK", 4 * HOUR, 0, 0);
        harness.processWatermark(new Watermark(4 * HOUR));
        assertEquals(List.of("[\"airport\",\"JFK\",\"3h\",14400000,0,14400010,3,[110,220,300]]"), rows());
    }
}
