package semaforo.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.flink.table.api.ValidationException;

/**
 * The registered writer schemas: every version of every record, oldest version first.
 *
 * <p>A message is 0xC3 0x01, the writer schema's CRC-64-AVRO fingerprint (8 bytes, little-endian), then the body:
 * https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding
 */
final class WriterSchemas implements Serializable {
    private static final long serialVersionUID = 1L;
    static final int HEADER_BYTES = 10;
    static final byte MARKER_0 = (byte) 0xC3;
    static final byte MARKER_1 = (byte) 0x01;

    private final List<String> texts;

    WriterSchemas(List<String> texts) {
        this.texts = List.copyOf(texts);
    }

    static WriterSchemas fromJson(String list) throws IOException {
        JsonNode root = new ObjectMapper().readTree(list);
        if (!root.isArray()) {
            throw new ValidationException("option schemas is not a list");
        }
        List<String> texts = new ArrayList<>();
        root.forEach(schema -> texts.add(schema.toString()));
        return new WriterSchemas(texts);
    }

    List<Schema> parse() {
        List<Schema> schemas = new ArrayList<>();
        for (String text : texts) {
            // A parser of its own each: versions of a record share their names.
            schemas.add(new Schema.Parser().parse(text));
        }
        return schemas;
    }

    /** The newest version of each record by the record's name. */
    static Map<String, Schema> newest(List<Schema> schemas) {
        Map<String, Schema> newest = new LinkedHashMap<>();
        schemas.forEach(schema -> newest.put(schema.getName(), schema));
        return newest;
    }

    static Schema newest(List<Schema> schemas, String record) {
        Schema schema = newest(schemas).get(record);
        if (schema == null) {
            throw new ValidationException("no schema of record " + record + " is registered");
        }
        return schema;
    }

    static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }
}
