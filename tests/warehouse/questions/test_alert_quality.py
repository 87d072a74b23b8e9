"""The quality of alerts, worked out by hand on a handful of lights."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.warehouse.star_2013 import empty_star, insert
from warehouse.answer import Span, ask
from warehouse.questions import question

AT = datetime(2013, 2, 8, 12)  # noqa: DTZ001 - the star's instants are UTC without a zone
HOUR = timedelta(hours=1)


def test_reds_told_hours_and_confirmations(tmp_path: Path) -> None:
    """Of three reds of one rule two were told, two ended after 4 and 8 hours, two can be judged, one was bad (4 of 10).

    The row an hour too early and the older revision, which say otherwise, do not count.
    """
    with empty_star(tmp_path / "star.duckdb") as star:
        insert(star, "dim_rule", {"rule": "late", "rule_version": "1-a", "amber": 80.0, "red": 70.0})
        light = {"scope": "route", "rule": "late", "rule_version": "1-a", "kpi": "on_time_arrival", "to_light": "RED"}
        for entity, until in (("A-B", AT + 4 * HOUR), ("A-C", AT + 8 * HOUR), ("A-D", None)):
            insert(star, "fct_light", light | {
                "alert_id": entity, "entity": entity, "true_at": AT, "true_until": until, "from_light": "GREEN",
                "modelled": False, "usd_per_hour": 100.0,
            })  # fmt: skip
        insert(star, "fct_light", light | {"alert_id": "again", "entity": "A-B", "true_at": AT, "from_light": "RED"})
        insert(star, "fct_light", light | {"alert_id": "g", "entity": "A-B", "true_at": AT, "to_light": "GREEN"})
        for alert in ("A-B", "A-C"):
            insert(star, "fct_alert", {"alert_id": alert, "sent_at": AT, "event_to_alert_ms": 300})
        insert(star, "fct_alert", {"alert_id": "A-D", "decision": "silenced"})
        row = {"scope": "route", "kpi_window": "24h", "flights": 10}
        kpis = [
            ("A-B", 23.5, 0, 9), ("A-B", 23.5, 1, 4), ("A-B", 22, 0, 9), ("A-B", 25, 0, 9),
            ("A-C", 24, 0, 7), ("A-D", 12, 0, 0),
        ]  # fmt: skip
        for entity, hours, revision, on_time in kpis:
            insert(star, "fct_route_kpi", row | {
                "entity": entity, "true_at": AT + hours * HOUR, "revision": revision, "arrivals_on_time": on_time,
            })  # fmt: skip
        (said,) = ask(star, question("alert_quality"), Span(date(2013, 2, 8), date(2013, 2, 9))).rows(named=True)
    assert (said["rule"], said["reds"], said["told"], said["still_red"]) == ("late", 3, 2, 1)
    assert (said["ended"], said["ended_hours"], said["mean_hours"]) == (2, 12.0, 6.0)
    assert (said["judged"], said["confirmed"], said["confirmed_pct"]) == (2, 1, 50.0), "7 of 10 is not below 70 %"
    assert said["mean_event_to_alert_ms"] == pytest.approx(300)
    assert said["modelled_reds"] == 0
