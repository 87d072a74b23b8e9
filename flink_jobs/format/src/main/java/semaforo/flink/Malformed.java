package semaforo.flink;

import java.io.IOException;

/** Bytes that are not what their schema says. Thrown once per bad message, so it carries no stack trace. */
final class Malformed extends IOException {
    private static final long serialVersionUID = 1L;

    Malformed(String reason) {
        super(reason);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
