"""Metric lines as CloudWatch's specification of the embedded metric format wants them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from alerts.notify import Swept
from alerts.process import Outcome
from lambdas.metrics import metric_line, semaforo_line, sweeper_line

AT = datetime(2026, 3, 1, 9, 0, 0, 250_000, tzinfo=UTC)


def check(line: str) -> Any:
    """The rules of the specification that a line can break; the parsed line."""
    assert "\n" not in line
    whole = json.loads(line)
    assert whole["_aws"]["Timestamp"] == 1_772_355_600_250
    (directive,) = whole["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Semaforo"
    assert directive["Dimensions"] == [["stage"]]
    assert isinstance(whole["stage"], str)
    assert 0 < len(directive["Metrics"]) <= 100
    for metric in directive["Metrics"]:
        assert metric["Unit"] in {"Count", "Milliseconds", "Seconds"}
        values = whole[metric["Name"]]
        assert 0 < len(values) <= 100 if isinstance(values, list) else isinstance(values, int | float)
    return whole


def test_a_batch() -> None:
    outcome = Outcome(rows=400, transitions={"RED": 2}, decisions={"send": 2}, sent=2, latencies_ms=[180.5, 90.25])
    line = check(semaforo_line("demo", AT, outcome, records=2, quarantined=1))
    assert (line["rows"], line["records"], line["quarantined"], line["to_red"], line["to_green"]) == (400, 2, 1, 2, 0)
    assert line["event_to_alert"] == [180.5, 90.25]
    assert line["alerts_slow"] == 0


def test_no_alert_has_no_latency() -> None:
    line = check(semaforo_line("demo", AT, Outcome(), records=0, quarantined=0))
    assert "event_to_alert" not in line


def test_of_a_storm_the_slowest_hundred_are_kept() -> None:
    outcome = Outcome(latencies_ms=[float(number) for number in range(500)])
    line = check(semaforo_line("demo", AT, outcome, records=1, quarantined=0))
    assert min(line["event_to_alert"]) == 400


def test_slow_notifications_are_counted_all_and_not_only_the_hundred_that_are_shown() -> None:
    outcome = Outcome(latencies_ms=[2_000.0, *(2_000.5 + number for number in range(300))])
    assert check(semaforo_line("demo", AT, outcome, records=1, quarantined=0))["alerts_slow"] == 300


def test_what_is_not_in_the_list_of_metrics_is_refused() -> None:
    with pytest.raises(KeyError, match="made_up"):
        metric_line("demo", AT, {"made_up": 1})


def test_a_sweep() -> None:
    line = check(sweeper_line("demo", AT, Swept(found=3, sent=2, failed=1, oldest_seconds=95.5)))
    assert (line["sweep_found"], line["sweep_sent"], line["sweep_failed"], line["sweep_oldest"]) == (3, 2, 1, 95.5)
