package semaforo.flink;

import java.util.ArrayList;
import java.util.List;

/**
 * From where to where, and flown by whom: the carrier of a flight, all carriers of a heartbeat ("B6,DL").
 *
 * <p>There are few, events are many: {@link MessageReader} makes each once, so that the panes mostly compare references.
 */
final class Leg {
    private static final long NO_CODE = 0;

    final String origin;
    final String destination;
    final String flownBy;

    /** Of a flight: all three as one number, by which {@link Legs} finds it. */
    final long code;

    private final int hash;
    private List<EntityKey> keys;

    /** Its sums in the pane that it was met in last, and a mark of that pane: {@link Panes} need not look them up. */
    long[] sums;

    Object paneMark;

    /** Of a heartbeat. */
    Leg(String origin, String destination, String flownBy) {
        this(origin, destination, flownBy, NO_CODE);
    }

    Leg(String origin, String destination, String flownBy, long code) {
        this.code = code;
        this.origin = origin;
        this.destination = destination;
        this.flownBy = flownBy;
        // Spread at each step: three letters times 31 and again times 31 meet those of other routes.
        hash = spread(spread(spread(origin.hashCode()) + destination.hashCode()) + flownBy.hashCode());
    }

    /** Of strings that are alike but for a few letters: their own hashes meet in a table. */
    static int spread(int bits) {
        int spread = bits * 0x9E3779B9;
        return spread ^ spread >>> 15;
    }

    /** The keys of the entities that it belongs to; always asked with the same scopes. */
    List<EntityKey> keys(List<Scope> scopes) {
        if (keys == null) {
            keys = new ArrayList<>();
            for (Scope scope : scopes) {
                for (String entity : scope.entities(origin, destination, flownBy)) {
                    keys.add(new EntityKey(scope, entity));
                }
            }
        }
        return keys;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Leg leg
                        && origin.equals(leg.origin)
                        && destination.equals(leg.destination)
                        && flownBy.equals(leg.flownBy);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
