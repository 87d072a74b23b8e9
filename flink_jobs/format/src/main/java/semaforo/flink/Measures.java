package semaforo.flink;

/**
 * The measures of one pane, zeros left out: [bits of those that are there, their values in order].
 *
 * <p>Most panes of most entities hold one event, which touches 3 to 19 of the 48 measures, or a heartbeat, which touches none.
 */
final class Measures {
    static final int MOST = 64;

    private Measures() {}

    /** `sums[from…]` with zeros left out. */
    static long[] sparse(long[] sums, int from) {
        long present = 0;
        for (int i = from; i < sums.length; i++) {
            present |= sums[i] == 0 ? 0 : 1L << i - from;
        }
        long[] sparse = new long[1 + Long.bitCount(present)];
        sparse[0] = present;
        int next = 1;
        for (long bits = present; bits != 0; bits &= bits - 1) {
            sparse[next++] = sums[from + Long.numberOfTrailingZeros(bits)];
        }
        return sparse;
    }

    /** Adds the measures at `sparse[from]` to `sums[1…]`; returns the position after them. */
    static int add(long[] sparse, int from, long[] sums, int sign) {
        int next = from + 1;
        for (long bits = sparse[from]; bits != 0; bits &= bits - 1) {
            sums[1 + Long.numberOfTrailingZeros(bits)] += sign * sparse[next++];
        }
        return next;
    }
}
