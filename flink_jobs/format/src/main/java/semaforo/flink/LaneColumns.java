package semaforo.flink;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RawValueData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

/**
 * What a lane's SQL hands on: `message` as it came, `problem` (null if there is none), and the measures that the record
 * touches, INT or BIGINT, null for nothing.
 */
final class LaneColumns implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int message;
    private final int problem;

    /** The measures in the order of a KPI row: their columns, whether these are BIGINT, their places there. */
    private final int[] measureColumns;

    private final boolean[] isLong;
    private final int[] measurePlaces;
    private final List<String> measures = new ArrayList<>();

    LaneColumns(RowType row, List<String> allMeasures) {
        List<String> others = new ArrayList<>(row.getFieldNames());
        message = row.getFieldIndex(Lane.MESSAGE);
        problem = row.getFieldIndex("problem");
        if (!others.remove(Lane.MESSAGE) || !others.remove("problem")) {
            throw new ValidationException("a lane hands on the columns message and problem, not " + row);
        }
        for (String measure : allMeasures) {
            if (others.remove(measure)) {
                measures.add(measure);
            }
        }
        if (!others.isEmpty()) {
            throw new ValidationException("columns " + others + " are no measures");
        }
        int count = measures.size();
        measureColumns = new int[count];
        isLong = new boolean[count];
        measurePlaces = new int[count];
        for (int i = 0; i < count; i++) {
            measureColumns[i] = row.getFieldIndex(measures.get(i));
            measurePlaces[i] = allMeasures.indexOf(measures.get(i));
            LogicalTypeRoot root = row.getTypeAt(measureColumns[i]).getTypeRoot();
            isLong[i] = root == LogicalTypeRoot.BIGINT;
            if (!isLong[i] && root != LogicalTypeRoot.INTEGER) {
                throw new ValidationException("measure " + measures.get(i) + " must be INT or BIGINT, not " + root);
            }
        }
    }

    List<String> measures() {
        return measures;
    }

    Message message(RowData row) {
        RawValueData<Message> value = row.getRawValue(message);
        return value.toObject(MessageSerializer.INSTANCE);
    }

    StringData problem(RowData row) {
        return row.isNullAt(problem) ? null : row.getString(problem);
    }

    /** Adds the measures of a row to `sums[from…]`, which are in the order of a KPI row. */
    void add(RowData row, long[] sums, int from) {
        for (int i = 0; i < measureColumns.length; i++) {
            int column = measureColumns[i];
            if (!row.isNullAt(column)) {
                long value = isLong[i] ? row.getLong(column) : row.getInt(column);
                if (value != 0) { // most are, and sums are many: they need not come from far for it
                    sums[from + measurePlaces[i]] += value;
                }
            }
        }
    }
}
