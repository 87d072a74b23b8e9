package semaforo.flink;

/** Reads one value at the cursor as Flink's internal data, or steps over it and returns null. */
@FunctionalInterface
interface FieldReader {
    Object read(AvroCursor cursor) throws Malformed;
}
