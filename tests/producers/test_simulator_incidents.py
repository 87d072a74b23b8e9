"""Incidents: read as written, felt where they should be, and nowhere else, to the byte."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from producers.__main__ import app
from producers.sources.simulator.incidents import BadIncidentError, Incident, parse_incident, read_incidents
from producers.sources.simulator.injected import Injection, injections
from producers.sources.simulator.network import HUB
from producers.sources.simulator.source import Simulator, first_midnight
from producers.sources.simulator.timetable import instant_of, timetable
from schemas.codec import encode
from schemas.events import AircraftStatus, AirportWeather, Event, FlightEvent, FlightFinance, FlightStatus, ServiceState

DAY = date(2026, 5, 5)  # a Tuesday without a season
START_AT = first_midnight(DAY)


def simulator(*texts: str, days: int = 1, seed: int = 1) -> Simulator:
    return Simulator(DAY, days, seed=seed, incidents=[parse_incident(text, START_AT) for text in texts])


def by_route(events: list[Event]) -> dict[str, bytes]:
    routes: dict[str, bytes] = {}
    for event in events:
        if isinstance(event, FlightEvent):
            routes[event.route] = routes.get(event.route, b"") + encode(event)
    return routes


@pytest.fixture(scope="module")
def calm() -> list[Event]:
    return list(simulator().events())


@pytest.mark.parametrize(
    ("text", "kind", "target", "start_at", "length", "magnitude"),
    [
        ("storm:MEX:2026-05-05T14:00:4h", "storm", "MEX", "2026-05-05T20:00", timedelta(hours=4), 0.5),
        ("storm:TIJ:2026-05-05T14:00:90m:0.8", "storm", "TIJ", "2026-05-05T21:00", timedelta(minutes=90), 0.8),
        ("storm:CUN:2026-05-05T14:00Z:4h", "storm", "CUN", "2026-05-05T14:00", timedelta(hours=4), 0.5),
        ("storm:CUN:2026-05-05T14:00:00+02:00:4h", "storm", "CUN", "2026-05-05T12:00", timedelta(hours=4), 0.5),
        ("fuel:*:2026-05-05:2d:1.4", "fuel", "*", "2026-05-05T06:00", timedelta(days=2), 1.4),
        ("aircraft:XA-SAB:+2h:6h", "aircraft", "XA-SAB", "2026-05-05T08:00", timedelta(hours=6), 1.0),
        ("demand:TIJ-GDL:+1d:3d:0.7", "demand", "TIJ-GDL", "2026-05-06T06:00", timedelta(days=3), 0.7),
    ],
)
def test_incidents_as_text(
    text: str, kind: str, target: str, start_at: str, length: timedelta, magnitude: float
) -> None:
    start = datetime.fromisoformat(start_at).replace(tzinfo=UTC)
    found = parse_incident(text, START_AT)
    assert (found.kind, found.target, found.start_at, found.end_at - found.start_at, found.magnitude) == (
        *(kind, target, start, length, magnitude),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("storm", "kind:target:start:length"),
        ("flood:MEX:+1h:1h", "not a kind"),
        ("storm:LHR:+1h:1h", "not in the network; airports: AGU"),
        ("storm:MEX:+1h:0h", "longer than nothing"),
        ("storm:MEX:+1h:1h:1.5", "above 0 up to 1"),
        ("storm:MEX:2026-13-05T14:00:1h", "not an instant"),
        ("aircraft:XA-AAA:+1h:1h", "tails are XA-SAA to"),
        ("demand:MEX-LHR:+1h:1h", "not a route"),
        ("demand:MEX-CUN:+1h:1h:11", "between 0 and 10"),
        ("fuel:MEX:+1h:1h", "network-wide"),
    ],
)
def test_what_is_no_incident_is_refused_with_what_would_be(text: str, reason: str) -> None:
    with pytest.raises(BadIncidentError, match=reason):
        parse_incident(text, START_AT)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "storm:MEX:2026-05-05T14:00:2h",
            "storm MEX, 2026-05-05 14:00 to 16:00 America/Mexico_City (2026-05-05 20:00Z to 22:00Z), magnitude 0.5",
        ),
        (
            "storm:CUN:2026-05-05T22:00:4h:1",  # Quintana Roo keeps UTC-5
            "storm CUN, 2026-05-05 22:00 to 2026-05-06 02:00 America/Cancun (2026-05-06 03:00Z to 07:00Z), magnitude 1",
        ),
        (
            "demand:TIJ-GDL:2026-05-05T17:00Z:1h",
            "demand TIJ-GDL, 2026-05-05 10:00 to 11:00 America/Tijuana (2026-05-05 17:00Z to 18:00Z), magnitude 0.6",
        ),
        (
            "fuel:*:2026-05-05:1d",
            "fuel *, 2026-05-05 00:00 to 2026-05-06 00:00 America/Mexico_City "
            "(2026-05-05 06:00Z to 2026-05-06 06:00Z), magnitude 1.4",
        ),
    ],
)
def test_an_incident_says_local_time_and_utc(text: str, said: str) -> None:
    assert parse_incident(text, START_AT).described() == said


@given(st.text(max_size=40))
def test_any_text_is_an_incident_or_a_reason(text: str) -> None:
    with suppress(BadIncidentError):
        assert isinstance(parse_incident(text, START_AT), Incident)


def test_incidents_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "incidents.toml"
    path.write_text(
        '[[incident]]\nkind = "storm"\ntarget = "MEX"\nstart = "2026-05-05T14:00"\nlength = "4h"\nmagnitude = 0.8\n'
    )
    assert read_incidents(path, START_AT) == [parse_incident("storm:MEX:2026-05-05T14:00:4h:0.8", START_AT)]
    for wrong in ("x = ", "x = 1", '[[incident]]\nkind = "storm"', "incident = 3"):
        path.write_text(wrong)
        with pytest.raises(BadIncidentError, match="incidents"):
            read_incidents(path, START_AT)
    with pytest.raises(BadIncidentError, match="none"):
        read_incidents(tmp_path / "none.toml", START_AT)


def test_a_storm_is_felt_only_by_who_can_meet_it(calm: list[Event]) -> None:
    """Everything the storm cannot reach is the same to the byte; reach is worked out from the timetable alone."""
    run = simulator("storm:TIJ:2026-05-05T10:00:4h")
    stormy = list(run.events())
    begins_at = run.incidents[0].start_at
    legs = [outcome.leg for outcome in run.outcomes]
    # A tail, or the spare of its fleet, that is at Tijuana after the beginning; connections at the hub wait for nobody,
    # but those of a flight in may be missed when one of these is late out.
    touched = {
        leg.tail for leg in legs if "TIJ" in (leg.origin, leg.destination) and instant_of(leg.arrives) > begins_at
    }
    reachable = {leg.route for leg in legs if leg.tail in touched and instant_of(leg.arrives) > begins_at}
    onto_hub = {leg.route for leg in legs if leg.destination == HUB and leg.carrier in ("AM", "5D")}
    before, after = by_route(calm), by_route(stormy)
    assert before.keys() == after.keys()
    changed = {route for route in before if before[route] != after[route]}
    assert changed <= reachable | onto_hub
    assert {"TIJ-GDL", "GDL-TIJ"} <= changed
    assert len(before.keys() - reachable - onto_hub) >= 30  # of which all are the same
    assert [e for e in calm if e.event_at < begins_at] == [e for e in stormy if e.event_at < begins_at]


def test_a_storm_shows_in_the_weather_of_its_airport_alone(calm: list[Event]) -> None:
    stormy = list(simulator("storm:TIJ:2026-05-05T10:00:4h").events())
    before = {e.event_id: e for e in calm if isinstance(e, AirportWeather)}
    after = {e.event_id: e for e in stormy if isinstance(e, AirportWeather)}
    changed = [after[event_id] for event_id in before if before[event_id] != after[event_id]]
    assert {event.airport for event in changed} == {"TIJ"}
    assert len(changed) == 4
    assert all(e.gust_kt is not None and e.visibility_km is not None and e.visibility_km < 5 for e in changed)


def test_demand_changes_one_route_one_way_and_only_money_and_people(calm: list[Event]) -> None:
    dropped = list(simulator("demand:MEX-CUN:+0h:1d:0.5").events())
    before, after = by_route(calm), by_route(dropped)
    assert {route for route in before if before[route] != after[route]} == {"MEX-CUN"}

    def carried(events: list[Event]) -> int:
        return sum(e.passengers for e in events if isinstance(e, FlightStatus) and e.route == "MEX-CUN")

    def instants(events: list[Event]) -> list[object]:
        return [(e.event_at, e.actual_arrival_at) for e in events if isinstance(e, FlightStatus)]

    assert carried(dropped) < 0.85 * carried(calm)
    assert instants(dropped) == instants(calm)


def test_dear_fuel_changes_the_cost_of_fuel_and_nothing_else(calm: list[Event]) -> None:
    dear = list(simulator("fuel:*:+0h:3d:1.5").events())
    assert len(dear) == len(calm)
    for was, now in zip(calm, dear, strict=True):
        if isinstance(was, FlightFinance) and isinstance(now, FlightFinance) and was.fuel_kg:
            assert now.fuel_cost_minor == pytest.approx(1.5 * was.fuel_cost_minor, abs=1)
            assert msgspec.structs.replace(now, fuel_cost_minor=was.fuel_cost_minor) == was
        else:
            assert was == now


def test_a_broken_aircraft_says_so_and_flies_nothing_meanwhile() -> None:
    run = simulator("aircraft:XA-SAB:2026-05-05T09:00:10h")
    events = [e for e in run.events() if isinstance(e, AircraftStatus) and e.tail == "XA-SAB"]
    changes = [(e.event_at, e.service) for e in events if e.reason]
    (out,) = run.incidents
    assert changes == [(out.start_at, ServiceState.OUT_OF_SERVICE), (out.end_at, ServiceState.IN_SERVICE)]
    departures = [instant_of(o.departed) for o in run.outcomes if o.tail == "XA-SAB" and o.departed is not None]
    assert departures
    assert not [at for at in departures if out.start_at <= at < out.end_at]


def test_an_aircraft_that_would_not_have_flown_breaks_at_its_base() -> None:
    run = simulator("aircraft:XA-SBF:+10h:1h")
    assert not [leg for leg in timetable(DAY, 1) if leg.tail == "XA-SBF"]
    changes = [e for e in run.events() if isinstance(e, AircraftStatus) and e.tail == "XA-SBF" and e.reason]
    assert [(e.service, e.airport) for e in changes] == [
        (ServiceState.OUT_OF_SERVICE, HUB),
        (ServiceState.IN_SERVICE, HUB),
    ]
    assert by_route(list(run.events())) == by_route(list(simulator().events()))


Direction = dict[str, str]


@pytest.mark.parametrize(
    ("text", "kpis"),
    [
        (
            "storm:MEX:2026-05-05T14:00:4h",
            {"on_time_arrival": "down", "mean_arrival_delay": "up", "completion": "down"},
        ),
        ("fuel:*:2026-05-05T12:00:1d:1.4", {"margin": "down"}),
        ("demand:MEX-CUN:2026-05-05T06:00:1d", {"load_factor": "down", "margin": "down"}),
        ("aircraft:XA-SAB:2026-05-05T09:00:6h", {"mean_arrival_delay": "up", "on_time_arrival": "down"}),
    ],
)
def test_what_was_injected_is_found_where_it_was_expected(text: str, kpis: Direction) -> None:
    (injection,) = injections(simulator(text))
    assert kpis.items() <= injection.expected.items() | {("on_time_departure", "down")}
    for kpi, direction in kpis.items():
        moved: list[str] = [route.kpis[kpi].direction for route in injection.routes if kpi in route.kpis]
        assert moved.count(direction) / len(moved) > 0.7, f"{kpi}: {moved}"
    for route in injection.routes:  # nothing changes before the cause
        assert injection.start_at <= route.first_at <= route.last_at
        assert route.flights >= 1


def test_a_storm_at_the_hub_delays_cancels_and_diverts() -> None:
    run = simulator("storm:MEX:2026-05-05T14:00:4h")
    calm_states = [o.state for o in simulator().outcomes]
    states = [o.state for o in run.outcomes]
    assert states.count("DIVERTED") >= 3
    assert calm_states.count("DIVERTED") == 0
    assert states.count("CANCELLED") >= calm_states.count("CANCELLED") + 5
    (injection,) = injections(run)
    assert len(injection.routes) >= 40
    assert any(HUB not in route.route for route in injection.routes)  # late aircraft carry it on


@pytest.mark.parametrize(
    "text", ["storm:CUN:+9h:5h:0.9", "aircraft:XA-SBG:+10h:1d", "aircraft:XA-SAN:+8h:3h", "storm:GDL:+16h:1d:0.2"]
)
def test_nothing_changes_before_its_cause(calm: list[Event], text: str) -> None:
    run = simulator(text)
    events, begins_at = list(run.events()), run.incidents[0].start_at
    assert [e for e in events if e.event_at < begins_at] == [e for e in calm if e.event_at < begins_at]
    assert events != calm


def test_two_incidents_are_told_apart() -> None:
    both = injections(simulator("demand:MEX-CUN:+0h:1d:0.5", "demand:MEX-GDL:+0h:1d:0.5"))
    assert [[route.route for route in injection.routes] for injection in both] == [["MEX-CUN"], ["MEX-GDL"]]


def test_command_writes_what_was_injected(tmp_path: Path) -> None:
    path = tmp_path / "out" / "injected.jsonl"
    storm = ["--incident", "storm:MEX:2026-05-05T14:00:4h", "--injected-file", str(path), "--dry-run"]
    result = CliRunner().invoke(app, ["simulate", "--from", "2026-05-05", "--to", "2026-05-06", *storm])
    assert result.exit_code == 0, result.output
    assert "252 flights, 1 incidents; nothing published" in result.output
    (line,) = path.read_text().splitlines()
    injection = msgspec.json.decode(line, type=Injection)
    assert (injection.kind, injection.target) == ("storm", "MEX")
    assert json.loads(line)["start_at"] == "2026-05-05T20:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2026-02-30"], "--from is a date"),
        (["--from", "2026-05-05", "--to", "2026-05-05"], "must be after"),
        (["--from", "2026-05-05", "--to", "2026-05-06", "--days", "2"], "not both"),
        (["--from", "2026-05-05", "--incident", "storm:LHR:+1h:1h"], "not in the network"),
        (["--from", "1950-01-01"], "1971 to 2099"),
    ],
)
def test_bad_usage_exits_two(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["simulate", "--dry-run", *arguments])
    assert result.exit_code == 2
    assert message in result.output
