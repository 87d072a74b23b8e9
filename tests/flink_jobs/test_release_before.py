"""The drills update from a release that is made of this one: its texts must still be found here."""

from pathlib import Path

from tests.integration.release_before import ADDED_MEASURE, make_release_before


def test_the_release_before_can_be_made(tmp_path: Path) -> None:
    release = make_release_before(tmp_path)
    assert ADDED_MEASURE not in (release / "flink_jobs" / "sql" / "05_flight_operations.sql").read_text()
