package semaforo.flink;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * One entity's trailing sums over several windows (at - length, at]: the state of a key.
 *
 * <p>Panes stand in a log, oldest first, and each window knows where in it it begins. Closing a pane adds it to all windows
 * and takes out what has become too old, so a row costs what changed, not what the window holds. (`OVER … RANGE` walks
 * all panes of a key at each row and keeps a copy of them per window.)
 */
final class TrailingSums {
    /** [newest append time, events, measures…] of panes that are still open, by their end. */
    final TreeMap<Long, long[]> open = new TreeMap<>();

    /** Per window: [events, measures…]. */
    final long[][] sums;

    /** Per window: where in the log its oldest pane stands. */
    final int[] begins;

    /** Closed panes: [at, events, bits of the measures that are there, their values]. */
    long[] log;

    int logEnd;

    /** Whether another goes on in the same log. What is in a log never changes, but only one may add to it. */
    private boolean isLogLent;

    /** Of a route; those of others stay empty. */
    final FlownBy flownBy;

    TrailingSums(int windows, int measures) {
        this(new long[windows][1 + measures], new int[windows], new long[16], 0, new FlownBy());
    }

    TrailingSums(long[][] sums, int[] begins, long[] log, int logEnd, FlownBy flownBy) {
        this.sums = sums;
        this.begins = begins;
        this.log = log;
        this.logEnd = logEnd;
        this.flownBy = flownBy;
    }

    /** Adds to an open pane; whether it is the first in it. */
    boolean add(long at, long ingestedAt, long events, long[] sparse) {
        long[] pane = open.get(at);
        boolean first = pane == null;
        if (first) {
            pane = new long[2 + measures()];
            pane[0] = ingestedAt;
            open.put(at, pane);
        }
        pane[0] = Math.max(pane[0], ingestedAt);
        pane[1] += events;
        int next = 1;
        for (long bits = sparse[0]; bits != 0; bits &= bits - 1) {
            pane[2 + Long.numberOfTrailingZeros(bits)] += sparse[next++];
        }
        return first;
    }

    /** Closes the pane that ends at `at`, which is newer than all closed before it; its newest append time. */
    long close(long at, long[] lengthsMs) {
        long[] pane = open.remove(at);
        int entry = append(at, pane);
        for (int window = 0; window < sums.length; window++) {
            sums[window][0] += log[entry + 1];
            Measures.add(log, entry + 2, sums[window], 1);
            int begin = begins[window];
            while (log[begin] <= at - lengthsMs[window]) {
                sums[window][0] -= log[begin + 1];
                begin = Measures.add(log, begin + 2, sums[window], -1);
            }
            begins[window] = begin;
        }
        trim();
        return pane[0];
    }

    private int append(long at, long[] pane) {
        int entry = logEnd;
        int needed = entry + 1 + pane.length;
        if (log.length < needed || isLogLent) {
            log = Arrays.copyOf(log, log.length < needed ? Math.max(2 * log.length, needed) : log.length);
            isLogLent = false;
        }
        long present = 0;
        logEnd = entry + 3;
        for (int i = 2; i < pane.length; i++) {
            if (pane[i] != 0) {
                present |= 1L << i - 2;
                log[logEnd++] = pane[i];
            }
        }
        log[entry] = at;
        log[entry + 1] = pane[1];
        log[entry + 2] = present;
        return entry;
    }

    /** Drops what no window holds any more, once that is the half of the log. */
    private void trim() {
        int oldest = Integer.MAX_VALUE;
        for (int begin : begins) {
            oldest = Math.min(oldest, begin);
        }
        if (oldest < 64 || 2 * oldest < logEnd) {
            return;
        }
        log = Arrays.copyOfRange(log, oldest, Math.max(logEnd, oldest + 16));
        isLogLent = false;
        logEnd -= oldest;
        for (int window = 0; window < begins.length; window++) {
            begins[window] -= oldest;
        }
    }

    int measures() {
        return sums[0].length - 1;
    }

    /** Makes room for measures that were appended since the state was written: nothing of them is known yet. */
    void widen(int wanted) {
        if (measures() >= wanted) {
            return;
        }
        for (int window = 0; window < sums.length; window++) {
            sums[window] = Arrays.copyOf(sums[window], 1 + wanted);
        }
        open.replaceAll((at, pane) -> Arrays.copyOf(pane, 2 + wanted));
    }

    /**
     * Independent of this. (Flink copies a key's state at its first change after a checkpoint, while the checkpoint writes
     * what it was: of 28 days of panes, every few seconds, if the log were copied too.)
     */
    TrailingSums copy() {
        long[][] sumsCopy = new long[sums.length][];
        for (int window = 0; window < sums.length; window++) {
            sumsCopy[window] = sums[window].clone();
        }
        TrailingSums copy = new TrailingSums(sumsCopy, begins.clone(), log, logEnd, flownBy.copy());
        copy.isLogLent = isLogLent;
        isLogLent = true;
        for (Map.Entry<Long, long[]> pane : open.entrySet()) {
            copy.open.put(pane.getKey(), pane.getValue().clone());
        }
        return copy;
    }
}
