"""Clean history of a real day, made as the live path makes it, holds; and each defect put into it is found."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
import polars as pl
import pytest
from typer.testing import CliRunner

from alerts.decide import Action, Decision
from alerts.entity import Change
from alerts.items import log_item
from alerts.neighbours import Neighbours
from producers.heartbeat import with_heartbeats
from producers.publish import TOPIC_OF
from producers.raw_channel import RawChannel
from producers.sources.nycflights13.replay import NycFlights
from rules.basis import basis_of
from rules.evaluate import evaluate
from rules.load import Catalog, load_catalog
from rules.pooled_features import ContextKey
from schemas.events import Event
from schemas.lights import LightState
from schemas.raw import KPI_STREAM, LIGHT_LOG, RawKpiRecord, RawLightLog, prefix, raw_line
from schemas.rows import FLAT_COLUMNS, KpiRow, from_ms, pack_rows, to_ms
from warehouse import lights_judged_again
from warehouse.__main__ import app
from warehouse.compaction.compact import compact
from warehouse.compaction.files import read_month, write_month
from warehouse.facts import facts_of
from warehouse.facts_of_clean import facts_of_clean
from warehouse.parity import expected_keys, recompute
from warehouse.parity_of_clean import CleanParity, parity_of_clean
from warehouse.storage import Store

PANE_MS = 2 * 3_600_000
FIRST, UNTIL = datetime(2013, 2, 7, tzinfo=UTC), datetime(2013, 2, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@cache
def events() -> list[Event]:
    source = NycFlights(date(2013, 2, 7), date(2013, 2, 8))
    return list(with_heartbeats(source.events(), source.routes(), timedelta(hours=12)))


def kpi_rows(facts: pl.DataFrame) -> list[KpiRow]:
    """What the KPI job puts out, oldest first, the longest window first as the light's handler takes them."""
    keys = expected_keys(facts, PANE_MS).filter(pl.col("at_ms") < to_ms(UNTIL))
    order = pl.col("window").replace_strict({"28d": 0, "7d": 1, "24h": 2, "3h": 3})
    frame = recompute(keys, facts).sort("at_ms", order, "entity")
    names = [name for name in FLAT_COLUMNS if name in facts.columns]
    rows = []
    for row in frame.iter_rows(named=True):
        measures = tuple(row[name] for name in names)
        at = from_ms(row["at_ms"])
        flown_by = tuple(row["flown_by"].split(",")) if row["flown_by"] else ()
        rows.append(
            KpiRow(row["scope"], row["entity"], row["window"], at, 0, at + SECOND, row["events"], measures, flown_by)
        )
    return rows


def log_lines(rows: list[KpiRow], catalog: Catalog, lag: timedelta = timedelta()) -> Iterator[RawLightLog]:
    """The log of lights judged beside the newest rows of airports, or what these were `lag` before."""
    airports = [one for one in rows if one.scope == "airport"]
    context: dict[ContextKey, KpiRow] = {}

    @cache
    def known_by(at: datetime) -> Neighbours:
        return Neighbours(one for one in airports if one.at <= at)

    states: dict[tuple[str, str], LightState] = {}
    for row in rows:
        if row.scope == "route":
            context[row.key] = row
            context |= known_by(row.at - lag).context(row, {})
        for rule in catalog.rules_for(row):
            key = rule.id, f"{row.scope}#{row.entity}"
            before = states.get(key, LightState())
            states[key], made = evaluate(rule, row, context, before, row.at + 2 * SECOND)
            if made:
                change = Change(made, row, rule, None, basis=basis_of(rule, row, context, before))
                item = log_item(change, Decision(Action.LOG, "made up"), row.at + 2 * SECOND)
                plain = {name: plain_of(value) for name, value in item.items()}
                yield RawLightLog(sequence_number=str(len(states)), changed_at_ms=to_ms(row.at), item=plain)


def plain_of(attribute: object) -> object:
    assert isinstance(attribute, dict)
    ((kind, value),) = attribute.items()
    return [plain_of(one) for one in value] if kind == "L" else value


@pytest.fixture(scope="module")
def alone() -> Catalog:
    """The shipped rules that look at one row, so that no order of neighbours counts."""
    return Catalog(rule for rule in load_catalog().rules.values() if not rule.model)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, alone: Catalog) -> Path:
    return history_of(tmp_path_factory.mktemp("history"), alone)


def history_of(folder: Path, catalog: Catalog, lag: timedelta = timedelta()) -> Path:
    published = events()
    channel = RawChannel(folder / "raw", "test")
    for event in published:
        channel.send(TOPIC_OF[type(event).__name__], event)
    channel.close()
    rows = kpi_rows(facts_of(published))
    records = [
        RawKpiRecord(shard="0", sequence_number=str(n), arrived_at_ms=to_ms(row.at + 2 * SECOND), data=pack_rows([row]))
        for n, row in enumerate(rows)
    ]
    for topic, lines in ((KPI_STREAM, records), (LIGHT_LOG, list(log_lines(rows, catalog, lag)))):
        path = folder / "raw" / prefix(topic, "2013-02-07") / "all.jsonl"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"".join(raw_line(line) for line in lines))
    compact(Store(str(folder / "raw")), Store(str(folder / "clean")))
    return folder / "clean"


def found_in(clean: Path, catalog: Catalog) -> CleanParity:
    return parity_of_clean(Store(str(clean)), FIRST, UNTIL, PANE_MS, catalog)


def changed(history: Path, folder: Path, table: str, rows: pl.DataFrame) -> Path:
    """The history with another month of a table."""
    for path in history.rglob("*.parquet"):
        target = folder / path.relative_to(history)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    write_month(Store(str(folder)), table, "2013-02", rows)
    return folder


def month(history: Path, table: str) -> pl.DataFrame:
    return read_month(Store(str(history)), table, "2013-02")


def test_facts_of_clean_are_the_facts_of_the_events(history: Path) -> None:
    after, until = FIRST.replace(tzinfo=None) - timedelta(days=9), UNTIL.replace(tzinfo=None) + timedelta(days=9)
    clean = facts_of_clean(Store(str(history)), after, until)
    assert clean.sort("event_id").equals(facts_of(events()).sort("event_id"))


def test_a_history_that_is_whole_has_no_difference(history: Path, alone: Catalog) -> None:
    found = found_in(history, alone)
    assert (found.rows.mismatches, found.differences, found.unexplained) == (0, [], 0)
    assert found.rows.rows > 2_000
    assert found.lights > 100


def test_a_row_that_counts_one_too_many_is_found(history: Path, alone: Catalog, tmp_path: Path) -> None:
    rows = month(history, "kpi_row").with_row_index()
    wrong = rows.with_columns(arrivals=pl.col("arrivals") + (pl.col("index") == 777).cast(pl.Int64)).drop("index")
    found = found_in(changed(history, tmp_path, "kpi_row", wrong), alone)
    assert found.rows.wrong == 1
    assert "arrivals live" in found.rows.examples[0]
    assert found.unexplained >= 1


def test_a_lost_event_is_found(history: Path, alone: Catalog, tmp_path: Path) -> None:
    status = month(history, "flight_status")
    arrived = status.filter(pl.col("state") == "ARRIVED").head(1)
    found = found_in(
        changed(history, tmp_path, "flight_status", status.join(arrived, on="event_id", how="anti")), alone
    )
    assert found.rows.mismatches > 0


def test_an_event_that_was_late_is_in_no_row(history: Path, alone: Catalog, tmp_path: Path) -> None:
    status = month(history, "flight_status")
    arrived = status.filter(pl.col("state") == "ARRIVED").head(1).get_column("event_id")
    late = status.with_columns(is_late=pl.col("event_id").is_in(arrived.implode()))
    assert found_in(changed(history, tmp_path, "flight_status", late), alone).rows.mismatches > 0


def test_a_lost_change_breaks_the_chain(history: Path, alone: Catalog, tmp_path: Path) -> None:
    lights = month(history, "light_change").sort("at")
    twice = lights.filter(pl.len().over("entity_key", "rule") > 1)
    lost = twice.filter(pl.int_range(pl.len()).over("entity_key", "rule") == 0).tail(1)
    found = found_in(
        changed(history, tmp_path, "light_change", lights.join(lost, on=["entity_key", "sk"], how="anti")), alone
    )
    said = [one.what for one in found.differences if not one.cause]
    assert any(what.startswith("it left") for what in said)
    assert any(what.startswith("the log lacks a change") for what in said)


def test_evidence_that_is_not_its_row_s_is_found(history: Path, alone: Catalog, tmp_path: Path) -> None:
    lights = month(history, "light_change")
    transition = msgspec.json.decode(lights["transition"][0])
    transition["evidence"]["numerator"] += 1
    forged = [msgspec.json.encode(transition).decode(), *lights["transition"][1:].to_list()]
    wrong = lights.with_columns(transition=pl.Series(forged))
    found = found_in(changed(history, tmp_path, "light_change", wrong), alone)
    assert found.differences[0].what.split(":")[0] == "its evidence is not its row's"
    assert found.unexplained == 2  # once by its own row, once by what all rows make


def test_another_version_of_a_rule_is_a_cause(history: Path, alone: Catalog) -> None:
    stricter = {
        rule.id: msgspec.structs.replace(rule, min_n=10_000) for rule in alone.rules.values() if rule.scope == "route"
    }
    found = found_in(history, Catalog((alone.rules | stricter).values()))
    assert found.unexplained == 0  # the log has the rule that was in force


@pytest.fixture(scope="module")
def pooling() -> Catalog:
    """The shipped rule that looks at neighbours, alone."""
    return Catalog(rule for rule in load_catalog().rules.values() if rule.model)


@pytest.fixture(scope="module")
def skewed(tmp_path_factory: pytest.TempPathFactory, pooling: Catalog) -> Path:
    """A history in which each airport's rows came four hours after the routes'."""
    return history_of(tmp_path_factory.mktemp("skewed"), pooling, lag=timedelta(hours=4))


def test_a_light_judged_beside_older_rows_is_explained_by_them(skewed: Path, pooling: Catalog) -> None:
    found = found_in(skewed, pooling)
    assert found.lights > 20
    assert len(found.differences) > 5
    assert found.unexplained == 0
    assert all(" 3h of " in one.cause for one in found.differences if one.cause.startswith("judged beside"))


@pytest.mark.parametrize("kind", ["alone", "skewed"])
def test_a_later_stretch_begins_with_the_lights_that_the_log_left(
    kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = request.getfixturevalue("history" if kind == "alone" else "skewed")
    catalog = request.getfixturevalue("alone" if kind == "alone" else "pooling")
    monkeypatch.setattr(lights_judged_again, "WARM_UP", 12 * HOUR)
    differences = parity_of_clean(Store(str(clean)), FIRST + 36 * HOUR, UNTIL, PANE_MS, catalog).differences
    assert [one for one in differences if not one.cause or "is from before" in one.cause] == []


def test_without_what_it_was_judged_beside_nothing_explains_it(skewed: Path, pooling: Catalog, tmp_path: Path) -> None:
    forgotten = month(skewed, "light_change").with_columns(basis=pl.lit(""))
    assert found_in(changed(skewed, tmp_path, "light_change", forgotten), pooling).unexplained > 5


def test_a_neighbour_that_is_not_in_the_history_is_found(skewed: Path, pooling: Catalog, tmp_path: Path) -> None:
    rows = month(skewed, "kpi_row")
    jfk = (pl.col("entity") == "JFK") & (pl.col("window") == "3h")
    other = rows.with_columns(departures=pl.col("departures") + jfk.cast(pl.Int64))
    said = {one.what for one in found_in(changed(skewed, tmp_path, "kpi_row", other), pooling).differences}
    assert any("which it was judged beside, differs from kpi_row in departures" in what for what in said)


def test_the_command(history: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["parity", *arguments])
        return done.exit_code, done.output

    assert run()[0] == 2
    assert run("--from", "2013-02-07")[0] == 2
    assert run("--rows", "x.parquet", "--bootstrap", "b:1", "--from", "2013-02-07", "--to", "2013-02-08")[0] == 2
    assert run("--rows", "x.parquet")[0] == 2
    code, said = run("--from", "2014-02-07", "--to", "2014-02-08", "--clean", str(history))
    assert (code, "no KPI rows" in said) == (1, True)
