package semaforo.flink;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;
import semaforo.flink.FieldReader.Kind;
import semaforo.flink.FieldReader.Parts;

/**
 * Makes the reader of one field once, from the schema that wrote it, the newest schema and the column's type, so that
 * nothing is looked up for each message.
 *
 * <p>In a column of numbers stands a symbol's place in the newest schema, and of a text its number: INT as an IATA code
 * ({@link Iata}), BIGINT as a {@link ShortText}. SQL copies every string of a row that it touches.
 */
final class FieldReaders {
    private final StringPool strings;

    FieldReaders(StringPool strings) {
        this.strings = strings;
    }

    /** @param type of the column that the value goes to */
    FieldReader reading(Schema writer, Schema newest, LogicalType type, int column) {
        if (writer.getType() == Schema.Type.UNION) {
            return oneOf(writer.getTypes().stream()
                    .map(branch -> branch.getType() == Schema.Type.NULL
                            ? skipping(branch)
                            : reading(branch, newest, type, column))
                    .toList(), writer);
        }
        Parts parts = new Parts();
        Kind kind = kind(writer, type);
        Schema target = withoutNull(newest);
        switch (kind) {
            case TEXT -> parts.strings = strings;
            case ENUM -> symbols(parts, writer, target, type.getTypeRoot() == LogicalTypeRoot.INTEGER);
            case RECORD -> parts.record = new RecordReader(writer, target, (RowType) type, this);
            case ARRAY -> {
                LogicalType item = ((ArrayType) type).getElementType();
                parts.readers = new FieldReader[] {reading(writer.getElementType(), target.getElementType(), item, 0)};
                parts.item = RowData.createFieldGetter(item, 0);
                parts.smallestItemBytes = smallestBytes(writer.getElementType());
            }
            default -> {}
        }
        return new FieldReader(kind, column, parts);
    }

    private static Kind kind(Schema writer, LogicalType type) {
        LogicalTypeRoot root = type.getTypeRoot();
        Kind kind =
                switch (writer.getType()) {
                    case STRING -> switch (root) {
                        case INTEGER -> Kind.IATA_CODE;
                        case BIGINT -> Kind.SHORT_TEXT;
                        case VARCHAR -> Kind.TEXT;
                        default -> null;
                    };
                    case ENUM -> root == LogicalTypeRoot.INTEGER || root == LogicalTypeRoot.VARCHAR ? Kind.ENUM : null;
                    case BYTES -> root == LogicalTypeRoot.VARBINARY ? Kind.BYTES : null;
                    case BOOLEAN -> root == LogicalTypeRoot.BOOLEAN ? Kind.BOOLEAN : null;
                    case INT -> root == LogicalTypeRoot.INTEGER || root == LogicalTypeRoot.BIGINT ? Kind.INT : null;
                    case LONG -> switch (root) {
                        case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> isInstant(writer) ? Kind.TIMESTAMP : null;
                        case BIGINT -> isInstant(writer) ? Kind.INSTANT_MS : Kind.LONG;
                        default -> null;
                    };
                    case FLOAT -> root == LogicalTypeRoot.FLOAT ? Kind.FLOAT : null;
                    case DOUBLE -> root == LogicalTypeRoot.DOUBLE ? Kind.DOUBLE : null;
                    case RECORD -> root == LogicalTypeRoot.ROW ? Kind.RECORD : null;
                    case ARRAY -> root == LogicalTypeRoot.ARRAY ? Kind.ARRAY : null;
                    default -> null;
                };
        if (kind == null) {
            throw new ValidationException("Avro " + writer + " does not fit a column of type " + type);
        }
        return kind;
    }

    /** Steps over a value that no column asks for, with the same checks. */
    FieldReader skipping(Schema writer) {
        if (writer.getType() == Schema.Type.UNION) {
            return oneOf(writer.getTypes().stream().map(this::skipping).toList(), writer);
        }
        Parts parts = new Parts();
        Kind kind =
                switch (writer.getType()) {
                    case NULL -> Kind.NULL;
                    case STRING -> Kind.TEXT;
                    case BYTES -> Kind.BYTES;
                    case FIXED -> Kind.FIXED;
                    case ENUM -> Kind.ENUM;
                    case BOOLEAN -> Kind.BOOLEAN;
                    case INT -> Kind.INT;
                    case LONG -> isInstant(writer) ? Kind.INSTANT_MS : Kind.LONG;
                    case FLOAT -> Kind.FLOAT;
                    case DOUBLE -> Kind.DOUBLE;
                    case RECORD -> Kind.RECORD;
                    case ARRAY -> Kind.ARRAY;
                    default -> throw new ValidationException("Avro " + writer.getType() + " cannot be read yet");
                };
        switch (kind) {
            case FIXED -> parts.bytes = writer.getFixedSize();
            case ENUM -> parts.names = writer.getEnumSymbols();
            case RECORD -> parts.readers = skipping(writer.getFields().stream().map(Schema.Field::schema));
            case ARRAY -> {
                parts.readers = skipping(Stream.of(writer.getElementType()));
                parts.smallestItemBytes = smallestBytes(writer.getElementType());
            }
            default -> {}
        }
        return new FieldReader(kind, FieldReader.SKIPPED, parts);
    }

    private FieldReader[] skipping(Stream<Schema> writers) {
        return writers.map(this::skipping).toArray(FieldReader[]::new);
    }

    static Schema withoutNull(Schema schema) {
        if (schema.getType() != Schema.Type.UNION) {
            return schema;
        }
        List<Schema> rest =
                schema.getTypes().stream().filter(s -> s.getType() != Schema.Type.NULL).toList();
        if (rest.size() != 1) {
            throw new ValidationException("a union may hold null and one other type, not " + schema);
        }
        return rest.get(0);
    }

    private static FieldReader oneOf(List<FieldReader> branches, Schema union) {
        List<Schema.Type> types = union.getTypes().stream().map(Schema::getType).toList();
        int nullBranch = types.indexOf(Schema.Type.NULL);
        if (types.size() == 2 && nullBranch >= 0) {
            return branches.get(1 - nullBranch).orNull(nullBranch);
        }
        Parts parts = new Parts();
        parts.readers = branches.toArray(FieldReader[]::new);
        return new FieldReader(Kind.UNION, FieldReader.SKIPPED, parts);
    }

    private static void symbols(Parts parts, Schema writer, Schema newest, boolean asNumber) {
        List<String> known = newest.getEnumSymbols();
        List<String> symbols = writer.getEnumSymbols().stream()
                .map(name -> known.contains(name) ? name : newest.getEnumDefault())
                .toList();
        parts.names = writer.getEnumSymbols();
        parts.newest = newest.getName();
        if (asNumber) {
            parts.places = symbols.stream().mapToInt(known::indexOf).toArray();
        } else {
            parts.symbols = symbols.stream()
                    .map(name -> name == null ? null : binary(name))
                    .toArray(StringData[]::new);
        }
    }

    private static int smallestBytes(Schema schema) {
        return schema.getType() == Schema.Type.NULL ? 0 : 1;
    }

    private static boolean isInstant(Schema schema) {
        return "timestamp-millis".equals(schema.getProp("logicalType"));
    }

    /** As bytes at once, so that comparing never encodes. */
    static StringData binary(String text) {
        return StringData.fromBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
