package semaforo.flink;

import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Hands messages on within the source's task and refuses to write them: only sums, and what is rejected, leave it. */
final class MessageSerializer extends TypeSerializerSingleton<Message> {
    private static final long serialVersionUID = 1L;
    static final MessageSerializer INSTANCE = new MessageSerializer();

    private static IllegalStateException refusal() {
        return new IllegalStateException(
                "a message was to leave the task of the source: pipeline.operator-chaining.enabled must stay true");
    }

    @Override
    public Message copy(Message from) {
        return from;
    }

    @Override
    public Message copy(Message from, Message reuse) {
        return from;
    }

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Message createInstance() {
        return null;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Message message, DataOutputView target) {
        throw refusal();
    }

    @Override
    public Message deserialize(DataInputView source) {
        throw refusal();
    }

    @Override
    public Message deserialize(Message reuse, DataInputView source) {
        throw refusal();
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) {
        throw refusal();
    }

    @Override
    public TypeSerializerSnapshot<Message> snapshotConfiguration() {
        return new Snapshot();
    }

    /** No state holds messages; a type needs one all the same. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Message> {
        public Snapshot() {
            super(() -> INSTANCE);
        }
    }
}
