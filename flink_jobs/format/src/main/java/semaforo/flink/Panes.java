package semaforo.flink;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import org.apache.flink.api.java.tuple.Tuple6;
import org.apache.flink.table.data.RowData;

/**
 * The open panes of a task, which all its lanes add to: sums by flown leg, until all lanes' watermarks have passed the
 * pane; then by entity.
 *
 * <p>The lanes of one source are one task, since messages do not leave it, and so one thread. Were they in several, each
 * would have panes of its own, and an entity's would go out in parts. (With panes for each lane, a pane of a busy route
 * went out in five parts, each with its way through the network and its visit to the route's state.)
 */
final class Panes {
    private static final Map<Object, Panes> OF_TASKS = Collections.synchronizedMap(new WeakHashMap<>());

    private static final int EVENTS = 0;
    private static final int INGESTED_AT = 1;
    private static final int FIRST_MEASURE = 2;
    private static final long NONE = Long.MIN_VALUE;

    private final List<Scope> scopes;
    private final int measures;
    private final TreeMap<Long, Pane> open = new TreeMap<>();
    private final List<Long> marks = new ArrayList<>();
    private Pane last;
    private long lastEnd;

    Panes(List<Scope> scopes, int measures) {
        this.scopes = scopes;
        this.measures = measures;
    }

    /** Those of a task, which lives as long as they do. */
    static Panes of(Object task, List<Scope> scopes, int measures) {
        return OF_TASKS.computeIfAbsent(task, t -> new Panes(scopes, measures));
    }

    /** Takes in a lane; its number, from 0. Before any event. */
    int join() {
        marks.add(NONE);
        return marks.size() - 1;
    }

    /** Adds an event to the pane with this end, and to its leg. */
    void add(long end, Message message, LaneColumns columns, RowData row) {
        if (last == null || end != lastEnd) {
            last = open.computeIfAbsent(end, e -> new Pane());
            lastEnd = end;
        }
        Leg leg = message.leg();
        if (leg.paneMark != last.mark) {
            leg.paneMark = last.mark;
            leg.sums = last.legs.computeIfAbsent(leg, l -> new long[FIRST_MEASURE + measures]);
        }
        long[] sums = leg.sums;
        sums[EVENTS]++;
        sums[INGESTED_AT] = Math.max(sums[INGESTED_AT], message.appendedMs());
        columns.add(row, sums, FIRST_MEASURE);
    }

    /** Hands out the panes that the last of the lanes' watermarks has passed, now that one lane's has come to `mark`. */
    void pass(int lane, long mark, Consumer<Tuple6<String, Long, Long, Long, long[], String>> consumer) {
        marks.set(lane, Math.max(marks.get(lane), mark));
        Map<Long, Pane> closed = open.headMap(Collections.min(marks), true);
        closed.forEach((end, pane) -> byEntity(end, pane.legs, consumer));
        closed.clear();
        last = null;
    }

    /** What is open, each pane by entity. */
    Collection<List<Tuple6<String, Long, Long, Long, long[], String>>> held() {
        List<List<Tuple6<String, Long, Long, Long, long[], String>>> held = new ArrayList<>();
        open.forEach((end, pane) -> {
            List<Tuple6<String, Long, Long, Long, long[], String>> entities = new ArrayList<>();
            byEntity(end, pane.legs, entities::add);
            held.add(entities);
        });
        return held;
    }

    private void byEntity(
            long end, Map<Leg, long[]> legs, Consumer<Tuple6<String, Long, Long, Long, long[], String>> consumer) {
        Map<EntityKey, Sums> entities = new HashMap<>(4 * legs.size());
        legs.forEach((leg, sums) -> {
            for (EntityKey key : leg.keys(scopes)) {
                entities.computeIfAbsent(key, k -> new Sums(sums.length))
                        .add(sums, key.hasCarriers ? leg.flownBy : "");
            }
        });
        entities.forEach((key, sums) -> {
            long[] sparse = Measures.sparse(sums.values, FIRST_MEASURE);
            consumer.accept(
                    Tuple6.of(key.text, end, sums.values[INGESTED_AT], sums.values[EVENTS], sparse, sums.flownBy));
        });
    }

    /** One that is open. */
    private static final class Pane {
        final Map<Leg, long[]> legs = new HashMap<>();

        /** Stands for it where the pane itself would be kept from being forgotten. */
        final Object mark = new Object();
    }

    /** Those of an entity's legs together. */
    private static final class Sums {
        final long[] values;
        String flownBy = "";

        Sums(int length) {
            values = new long[length];
        }

        void add(long[] more, String carriers) {
            long ingestedAt = Math.max(values[INGESTED_AT], more[INGESTED_AT]);
            for (int i = 0; i < more.length; i++) {
                values[i] += more[i];
            }
            values[INGESTED_AT] = ingestedAt;
            flownBy = FlownBy.together(flownBy, carriers);
        }
    }
}
