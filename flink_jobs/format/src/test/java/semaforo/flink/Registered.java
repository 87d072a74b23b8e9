package semaforo.flink;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** The project's own schemas, and messages written by Avro's own writer. */
final class Registered {
    private static final Path FOLDER = Path.of("..", "..", "schemas", "avro");

    private Registered() {}

    static WriterSchemas all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return new WriterSchemas(files.sorted().map(Registered::text).toList());
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    static WriterSchemas of(Schema... schemas) {
        return new WriterSchemas(List.of(schemas).stream().map(Schema::toString).toList());
    }

    static Schema schema(String file) {
        return new Schema.Parser().parse(text(FOLDER.resolve(file + ".avsc")));
    }

    static byte[] message(GenericRecord record) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.write(0xC3);
            bytes.write(0x01);
            long fingerprint = SchemaNormalization.parsingFingerprint64(record.getSchema());
            bytes.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(fingerprint).array());
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
            return bytes.toByteArray();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static String text(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
