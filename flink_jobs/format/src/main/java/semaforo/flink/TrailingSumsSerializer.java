package semaforo.flink;

import java.io.IOException;
import java.util.Map;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes {@link TrailingSums} into checkpoints: a version, sums, the windows' begins, log, open panes, who flies. */
final class TrailingSumsSerializer extends TypeSerializerSingleton<TrailingSums> {
    private static final long serialVersionUID = 1L;
    private static final int VERSION = 2;
    static final TrailingSumsSerializer INSTANCE = new TrailingSumsSerializer();

    @Override
    public void serialize(TrailingSums state, DataOutputView target) throws IOException {
        target.writeByte(VERSION);
        target.writeInt(state.sums.length);
        for (int window = 0; window < state.sums.length; window++) {
            write(state.sums[window], state.sums[window].length, target);
            target.writeInt(state.begins[window]);
        }
        write(state.log, state.logEnd, target);
        target.writeInt(state.open.size());
        for (Map.Entry<Long, long[]> pane : state.open.entrySet()) {
            target.writeLong(pane.getKey());
            write(pane.getValue(), pane.getValue().length, target);
        }
        target.writeInt(state.flownBy.open.size());
        for (Map.Entry<Long, String> pane : state.flownBy.open.entrySet()) {
            target.writeLong(pane.getKey());
            target.writeUTF(pane.getValue());
        }
        target.writeInt(state.flownBy.newest.size());
        for (Map.Entry<String, Long> carrier : state.flownBy.newest.entrySet()) {
            target.writeUTF(carrier.getKey());
            target.writeLong(carrier.getValue());
        }
    }

    @Override
    public TrailingSums deserialize(DataInputView source) throws IOException {
        int version = source.readByte();
        if (version != VERSION) {
            throw new IOException("trailing sums of version " + version + ", this release reads " + VERSION);
        }
        int windows = source.readInt();
        long[][] sums = new long[windows][];
        int[] begins = new int[windows];
        for (int window = 0; window < windows; window++) {
            sums[window] = read(source);
            begins[window] = source.readInt();
        }
        long[] log = read(source);
        TrailingSums state = new TrailingSums(sums, begins, log, log.length, new FlownBy());
        for (int left = source.readInt(); left > 0; left--) {
            long at = source.readLong();
            state.open.put(at, read(source));
        }
        for (int left = source.readInt(); left > 0; left--) {
            long at = source.readLong();
            state.flownBy.open.put(at, source.readUTF());
        }
        for (int left = source.readInt(); left > 0; left--) {
            String carrier = source.readUTF();
            state.flownBy.newest.put(carrier, source.readLong());
        }
        return state;
    }

    private static void write(long[] values, int count, DataOutputView target) throws IOException {
        target.writeInt(count);
        target.write(Longs.toBytes(values, count));
    }

    private static long[] read(DataInputView source) throws IOException {
        byte[] bytes = new byte[Long.BYTES * source.readInt()];
        source.readFully(bytes);
        return Longs.ofBytes(bytes);
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public TrailingSums createInstance() {
        return new TrailingSums(1, 0);
    }

    @Override
    public TrailingSums copy(TrailingSums from) {
        return from.copy();
    }

    @Override
    public TrailingSums copy(TrailingSums from, TrailingSums reuse) {
        return from.copy();
    }

    @Override
    public TrailingSums deserialize(TrailingSums reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public TypeSerializerSnapshot<TrailingSums> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Found by name in a checkpoint. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<TrailingSums> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
