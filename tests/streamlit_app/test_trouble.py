"""Which state a page shows where there are no lights."""

import pytest

from streamlit_app.readers.snapshot import NOTHING_READ, Snapshot
from streamlit_app.trouble import state_of
from tests.alerts.samples import NOW, folded, row

ONE = folded(row(0, 9)).after


@pytest.mark.parametrize(
    ("snapshot", "state"),
    [
        (NOTHING_READ, "reading"),
        (Snapshot(problem="Could not connect"), "no_store"),
        (Snapshot(problem="ProvisionedThroughputExceededException"), "busy_store"),
        (Snapshot(problem="ThrottlingException: Rate exceeded"), "busy_store"),
        (Snapshot(problem="ResourceNotFoundException: no table"), "no_table"),
        (Snapshot(read_at=NOW), "no_rows"),
        (Snapshot(entities={ONE.key: ONE}, read_at=NOW), ""),
        (Snapshot(entities={ONE.key: ONE}, read_at=NOW, problem="Could not connect"), ""),
    ],
)
def test_each_has_its_own(snapshot: Snapshot, state: str) -> None:
    assert state_of(snapshot) == state
