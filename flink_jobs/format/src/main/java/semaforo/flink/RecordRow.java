package semaforo.flink;

import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.MapData;
import org.apache.flink.table.data.RawValueData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.types.RowKind;
import org.apache.flink.types.variant.Variant;

/**
 * What was read of a record: numbers stand side by side, only what is no number is an object. (In Flink's GenericRowData
 * every number is an object of its own.) Null until set.
 */
final class RecordRow implements RowData {
    static final int MOST_COLUMNS = Long.SIZE;

    private final long[] numbers;
    private Object[] objects;

    /** A bit for each column that is not null. */
    private long present;

    /** One more column behind the others, once it was appended. */
    private Object appended;

    private RowKind kind = RowKind.INSERT;

    RecordRow(int columns) {
        if (columns > MOST_COLUMNS) {
            throw new IllegalArgumentException("at most " + MOST_COLUMNS + " columns, not " + columns);
        }
        numbers = new long[columns];
    }

    /** Makes every column null again, and the appended one be gone. */
    void clear() {
        present = 0;
        appended = null;
    }

    void setNumber(int column, long value) {
        numbers[column] = value;
        present |= 1L << column;
    }

    /** A value of Flink's internal data, whatever its type. */
    void set(int column, Object value) {
        if (value instanceof Long || value instanceof Integer) {
            setNumber(column, ((Number) value).longValue());
        } else if (value instanceof Boolean truth) {
            setNumber(column, truth ? 1 : 0);
        } else if (value instanceof Double number) {
            setNumber(column, Double.doubleToRawLongBits(number));
        } else if (value instanceof Float number) {
            setNumber(column, Float.floatToRawIntBits(number));
        } else if (value != null) {
            setObject(column, value);
        }
    }

    /** One that is neither a number nor null. */
    void setObject(int column, Object value) {
        if (objects == null) {
            objects = new Object[numbers.length];
        }
        objects[column] = value;
        present |= 1L << column;
    }

    /** Makes this a row with one column more. */
    RecordRow append(Object value) {
        appended = value;
        return this;
    }

    @Override
    public int getArity() {
        return appended == null ? numbers.length : numbers.length + 1;
    }

    @Override
    public boolean isNullAt(int column) {
        return column < numbers.length && (present >>> column & 1) == 0;
    }

    @Override
    public long getLong(int column) {
        return numbers[column];
    }

    @Override
    public int getInt(int column) {
        return (int) numbers[column];
    }

    @Override
    public short getShort(int column) {
        return (short) numbers[column];
    }

    @Override
    public byte getByte(int column) {
        return (byte) numbers[column];
    }

    @Override
    public boolean getBoolean(int column) {
        return numbers[column] != 0;
    }

    @Override
    public float getFloat(int column) {
        return Float.intBitsToFloat((int) numbers[column]);
    }

    @Override
    public double getDouble(int column) {
        return Double.longBitsToDouble(numbers[column]);
    }

    private Object object(int column) {
        return column == numbers.length ? appended : objects[column];
    }

    @Override
    public StringData getString(int column) {
        return (StringData) object(column);
    }

    @Override
    public byte[] getBinary(int column) {
        return (byte[]) object(column);
    }

    @Override
    public TimestampData getTimestamp(int column, int precision) {
        return (TimestampData) object(column);
    }

    @Override
    public RowData getRow(int column, int columns) {
        return (RowData) object(column);
    }

    @Override
    public ArrayData getArray(int column) {
        return (ArrayData) object(column);
    }

    @Override
    @SuppressWarnings("unchecked") // the column's type says of what
    public <T> RawValueData<T> getRawValue(int column) {
        return (RawValueData<T>) object(column);
    }

    @Override
    public DecimalData getDecimal(int column, int precision, int scale) {
        return (DecimalData) object(column);
    }

    @Override
    public MapData getMap(int column) {
        return (MapData) object(column);
    }

    @Override
    public Variant getVariant(int column) {
        return (Variant) object(column);
    }

    @Override
    public RowKind getRowKind() {
        return kind;
    }

    @Override
    public void setRowKind(RowKind newKind) {
        kind = newKind;
    }
}
