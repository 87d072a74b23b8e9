package semaforo.flink;

import java.util.Arrays;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which carriers flew a route, or were named by its heartbeat, in the window (at - length, at]: part of its key's state.
 *
 * <p>Carriers stand in texts like "B6,DL", "" if there are none. Of each its newest closed pane is kept, so that it is
 * gone once that one is out of the window. Asked once per pane; the text is made anew when a carrier comes or goes.
 */
final class FlownBy {
    /** The carriers of panes that are still open, by their end. */
    final TreeMap<Long, String> open = new TreeMap<>();

    /** The end of the newest closed pane of each carrier. */
    final TreeMap<String, Long> newest = new TreeMap<>();

    private String text;

    /** Of two texts; mostly they are the same, or one of them is empty. */
    static String together(String some, String more) {
        if (more.isEmpty() || some.equals(more)) {
            return some;
        }
        if (some.isEmpty()) {
            return more;
        }
        TreeSet<String> carriers = new TreeSet<>(Arrays.asList(some.split(",")));
        carriers.addAll(Arrays.asList(more.split(",")));
        return String.join(",", carriers);
    }

    void add(long at, String carriers) {
        if (!carriers.isEmpty()) {
            open.merge(at, carriers, FlownBy::together);
        }
    }

    /** Closes the pane that ends at `at`; who flies in the window that ends with it, in order. */
    String close(long at, long lengthMs) {
        String carriers = open.remove(at);
        boolean same = text != null;
        if (carriers != null) {
            for (String carrier : carriers.split(",")) {
                same &= newest.put(carrier, at) != null;
            }
        }
        same &= !newest.values().removeIf(end -> end <= at - lengthMs);
        if (!same) {
            text = String.join(",", newest.keySet());
        }
        return text;
    }

    FlownBy copy() {
        FlownBy copy = new FlownBy();
        copy.open.putAll(open);
        copy.newest.putAll(newest);
        copy.text = text;
        return copy;
    }
}
