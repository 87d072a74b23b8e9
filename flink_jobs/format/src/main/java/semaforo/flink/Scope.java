package semaforo.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** A kind of entity and its windows, e.g. routes over 24 h, 7 d and 28 d; `schemas/rows.py` has the list. */
record Scope(String name, List<String> windows, long[] lengthsMs) implements Serializable {

    /** From a text like "route 24h=86400000 7d=604800000". */
    static Scope parse(String text) {
        String[] words = text.split(" ");
        List<String> windows = new ArrayList<>();
        long[] lengths = new long[words.length - 1];
        for (int i = 1; i < words.length; i++) {
            String[] window = words[i].split("=");
            windows.add(window[0]);
            lengths[i - 1] = Long.parseLong(window[1]);
        }
        return new Scope(words[0], windows, lengths);
    }

    /** Which of the windows says who flies there: that of 24 h of a route; -1 if none does. */
    int windowWithCarriers() {
        return name.equals("route") ? windows.indexOf("24h") : -1;
    }

    /** The entities of this scope that a pane belongs to: a flight counts at both its airports. */
    List<String> entities(String origin, String destination, String flownBy) {
        return switch (name) {
            case "route" -> List.of(origin + "-" + destination);
            case "airport" -> List.of(origin, destination);
            case "carrier" -> flownBy.isEmpty() ? List.of() : List.of(flownBy.split(","));
            default -> throw new IllegalArgumentException("no scope " + name);
        };
    }
}
