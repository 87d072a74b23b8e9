"""The daily report: its figures by hand, what it says when it does not know, and that it needs nothing but itself."""

import json
import re
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.warehouse.star_2013 import empty_star, insert
from warehouse.__main__ import app
from warehouse.clean_tables import CLEAN_TABLES
from warehouse.report.anomalies import against
from warehouse.report.quality import gaps, quality
from warehouse.report.write import write
from warehouse.settings import HistorySettings
from warehouse.storage import Store

DAY = date(2013, 2, 8)
AT = datetime(2013, 2, 8, 12)  # noqa: DTZ001 - the star's instants are UTC without a zone


@pytest.fixture
def settings(tmp_path: Path) -> HistorySettings:
    """Of the day's three flights one was on time and one cancelled; eight Fridays before had one, on time."""
    with empty_star(tmp_path / "star.duckdb") as star:
        flight = {"route": "A-B", "origin": "A", "destination": "B", "is_closed": True, "is_diverted": False}
        flight |= {"is_money_modelled": True, "ticket_revenue_usd_cents": 10_000, "fuel_cost_usd_cents": 5_000}
        flown = flight | {"is_cancelled": False, "actual_departure_at": AT, "departure_delay_minutes": 0}
        on_time = flown | {"is_arrived_on_time": True, "arrival_delay_minutes": 0, "is_departed_on_time": True}
        late = flown | {"is_arrived_on_time": False, "arrival_delay_minutes": 60, "is_departed_on_time": True,
                        "route": "A-<C>", "weather_delay_minutes": 60, "scheduled_hour_local": 7}  # fmt: skip
        cancelled = flight | {"is_cancelled": True, "is_arrived_on_time": False}
        for one in (on_time, late, cancelled):
            insert(star, "fct_flight", one | {"flight_date": DAY})
        for week in range(1, 10):
            insert(star, "fct_flight", on_time | {"flight_date": DAY - timedelta(weeks=week)})
        insert(star, "fct_light", {
            "alert_id": "1", "scope": "route", "entity": "A-<C>", "rule": "late<", "to_light": "RED", "true_at": AT,
            "numerator": 1, "denominator": 9, "value": 11.1, "modelled": True, "usd_per_hour": 500.0,
        })  # fmt: skip
        insert(star, "fct_alert", {"alert_id": "1", "decision": "sent", "sent_at": AT})
    return HistorySettings(
        star_path=tmp_path / "star.duckdb", clean_url=str(tmp_path / "clean"), reports_url=str(tmp_path / "reports")
    )


def test_the_figures_by_hand(settings: HistorySettings, tmp_path: Path) -> None:
    written = write(settings, DAY, "en")
    figures = json.loads((tmp_path / "reports/date=2013-02-08/report.json").read_bytes())
    assert figures["network"]["flights"] == 3
    assert (figures["network"]["arrivals_on_time"], figures["network"]["cancelled"]) == (1, 1)
    assert figures["network"]["revenue_usd_cents"] == 30_000
    of_flights, of_share, *_ = figures["anomalies"]
    assert (of_flights["value"], of_flights["median"], of_flights["n"], of_flights["is_unusual"]) == (3, 1, 8, True)
    assert of_share["value"] == pytest.approx(100 / 3)
    assert written.subject == "Semaforo report 2013-02-08: 1 on time of 3 flights, 1 red alerts [demo]"
    assert figures["quality"] == {
        "topics": None, "events": None, "late": None, "dead_letters": None, "dead_letter_reasons": [],
        "newest_event_at": None, "duplicates": None,
    }, "no clean table: nothing is known, and nothing is said to be zero"  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["Routes, worst first", "modelled", "not known"]), ("es", ["la peor primero", "rojo"])],
)
def test_the_page_fetches_nothing_escapes_names_and_has_sound_plots(
    settings: HistorySettings, language: str, words: list[str]
) -> None:
    written = write(settings, DAY, "es" if language == "es" else "en")
    text = Path(written.path).read_text(encoding="utf-8")
    links: list[str] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            links.extend(value for name, value in attrs if name in ("src", "href", "xlink:href") and value)
            assert tag not in ("script", "link", "img", "iframe", "object")

    Links().feed(text)
    assert [link for link in links if not link.startswith("#")] == []
    assert "A-&lt;C&gt;" in text
    assert "A-<C>" not in text
    assert "late<" not in text
    assert all(word in text for word in words)
    svgs = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(svgs) == 2
    for svg in svgs:
        ElementTree.fromstring(svg)  # noqa: S314 - our own
    assert written.subject.isascii()
    assert len(written.subject) <= 100


def test_a_day_without_flights_says_so(settings: HistorySettings) -> None:
    text = Path(write(settings, date(2013, 3, 1), "en").path).read_text(encoding="utf-8")
    assert "nothing can be said" in text
    assert "<svg" not in text


def test_without_a_star_it_is_exit_2_and_without_a_topic_a_word(
    settings: HistorySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMAFORO_STAR_PATH", str(tmp_path / "none.duckdb"))
    told = CliRunner().invoke(app, ["report", "--date", "2013-02-08"])
    assert told.exit_code == 2
    assert "no star" in told.stderr
    monkeypatch.setenv("SEMAFORO_STAR_PATH", str(settings.star_path))
    monkeypatch.setenv("SEMAFORO_REPORTS_URL", settings.reports_url)
    monkeypatch.delenv("SEMAFORO_REPORTS_TOPIC_ARN", raising=False)
    told = CliRunner().invoke(app, ["report", "--date", "2013-02-08"])
    assert told.exit_code == 0
    assert told.stdout.strip().endswith("date=2013-02-08/report.html")
    assert "not announced" in told.stderr


def test_offsets_missing_and_repeated_by_hand() -> None:
    assert gaps([(0, 9), (12, 19), (15, 24), (20, 22)]) == (23, 2, 8), "10 and 11 are gone; 15-19 and 20-22 came twice"
    assert gaps([(5, 5)]) == (1, 0, 0)
    assert gaps([]) == (0, 0, 0)


def test_quality_is_counted_from_the_tables(tmp_path: Path) -> None:
    """Raw has 12 events of flight-status in two runs with offset 5 missing; clean kept 3, of which one was late."""
    ranges = [
        {"raw_object": "a", "topic": "flight-status", "partition": 0, "first_offset": first, "last_offset": last,
         "messages": last - first + 1, "events": last - first + 1, "undecodable": 0, "delivered_on": AT,
         "last_appended_at": AT}
        for first, last in ((0, 4), (6, 12))
    ]  # fmt: skip
    events = [{"event_id": str(n), "event_at": AT, "appended_at": AT, "is_late": n == 0} for n in range(3)]
    for name, rows in (("raw_range", ranges), ("flight_status", events)):
        folder = tmp_path / name / "month=2013-02"
        folder.mkdir(parents=True)
        pl.DataFrame(rows, schema_overrides={c: CLEAN_TABLES[name].columns[c] for c in rows[0]}).write_parquet(
            folder / "part-0.parquet"
        )
    found = quality(Store(str(tmp_path)), DAY)
    assert found.topics is not None
    assert [(one.topic, one.offsets, one.missing, one.repeated) for one in found.topics] == [
        ("flight-status", 12, 1, 0)
    ]
    assert (found.events, found.late, found.duplicates, found.dead_letters) == (3, 1, 9, 0)
    assert found.newest_event_at == AT


def test_a_figure_against_its_past() -> None:
    """Of 1, 2, 3, 4, 9 the median is 3 and the MAD 1: 9 is 6 / 1.4826 = 4.05 away."""
    one = against("x", 9.0, [1.0, 2.0, 3.0, 4.0, 9.0])
    assert (one.median, one.mad, one.n) == (3.0, 1.0, 5)
    assert one.away == pytest.approx(4.0469, abs=1e-4)
    assert one.is_unusual
    assert not against("x", 8.0, [1.0, 2.0, 3.0, 4.0, 9.0]).is_unusual, "5 / 1.4826 = 3.37"
    assert not against("x", 9.0, [1.0, 2.0, 3.0]).is_unusual, "three days say nothing"
    assert not against("x", None, [1.0] * 8).is_unusual
