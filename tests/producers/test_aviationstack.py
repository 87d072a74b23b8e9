"""AviationStack's flights to events: asked of a real HTTP server of the documented shape, bad days included."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from producers.sources.aviationstack.client import Client, check_base_url
from producers.sources.aviationstack.errors import AskedInVain, KeyRefused, QuotaReached
from producers.sources.aviationstack.flight import STATES, events_of, read_flight
from producers.sources.aviationstack.quota import Quota
from producers.sources.aviationstack.source import AviationStackSource, Question
from schemas.codec import decode, encode
from schemas.events import FlightState, FlightStatus
from tests.producers.aviationstack_server import KEY, Answer, Clock, FlightsApi, failure, flight, flights_api

PROJECT = Path(__file__).parent.parent.parent
Ask = Callable[..., AviationStackSource]


@pytest.fixture
def api() -> Iterator[FlightsApi]:
    with flights_api() as server:
        server.flights = [flight()]
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(api: FlightsApi, clock: Clock, tmp_path: Path) -> Callable[..., Client]:
    def client(key: str = KEY, quota: int = 1_000, **options: Any) -> Client:
        given = {"base_url": api.url, "clock": clock, "wait": clock.wait, "chance": lambda: 1.0, **options}
        return Client(key, Quota(tmp_path / "usage.json", quota), **given)

    return client


@pytest.fixture
def ask(client: Callable[..., Client]) -> Ask:
    def ask(question: Question | None = None, most_flights: int | None = None, **options: Any) -> AviationStackSource:
        return AviationStackSource(client(**options), question or Question(), most_flights=most_flights)

    return ask


def said(source: AviationStackSource) -> list[FlightStatus]:
    events = [event for event in source.events() if isinstance(event, FlightStatus)]
    assert [decode(encode(event)) for event in events] == events
    assert events == sorted(events, key=lambda event: (event.event_at, event.event_id))
    assert source.total() == len(events)
    return events


def made(**changes: Any) -> list[FlightStatus]:
    return events_of(read_flight(json.dumps(flight(**changes)).encode()))


def test_a_flight_that_landed_by_the_clocks_of_its_airports(ask: Ask) -> None:
    """Singapore and Penang are eight hours ahead: 20:25 there is 12:25 UTC, though their label says +00:00."""
    departed, arrived = said(ask())
    assert (departed.state, arrived.state) == (FlightState.DEPARTED, FlightState.ARRIVED)
    assert arrived.scheduled_departure_at == datetime(2020, 2, 4, 12, 25, tzinfo=UTC)
    assert arrived.actual_departure_at == departed.event_at == datetime(2020, 2, 4, 12, 38, tzinfo=UTC)
    assert arrived.scheduled_arrival_at == datetime(2020, 2, 4, 13, 50, tzinfo=UTC)
    assert arrived.actual_arrival_at == arrived.event_at == datetime(2020, 2, 4, 13, 33, tzinfo=UTC)
    assert arrived.flight_id == "TR-428-2020-02-04-SIN"
    assert arrived.event_id == "aviationstack:TR-428-2020-02-04-SIN:arrived"
    assert (arrived.tail, arrived.aircraft_type, arrived.source) == ("9V-TAU", "A320", "aviationstack")
    # law of cosines between 1.3592 N 103.9894 E and 5.2971 N 100.2769 E: 601.3
    assert abs(arrived.distance_km - 601) <= 2


def test_the_date_is_of_the_origin_and_the_zone_that_stands_beside_the_time() -> None:
    (event,) = made(
        flight_status="scheduled",
        departure_iata="MEX",
        departure_timezone="America/Mexico_City",
        departure_scheduled="2026-03-02T23:50:00+00:00",
        arrival_iata="CUN",
        arrival_timezone="America/Cancun",
        arrival_scheduled="2026-03-03T03:10:00+00:00",
    )
    assert event.flight_id == "TR-428-2026-03-02-MEX"
    assert event.scheduled_departure_at == datetime(2026, 3, 3, 5, 50, tzinfo=UTC)  # UTC-6
    assert event.scheduled_arrival_at == datetime(2026, 3, 3, 8, 10, tzinfo=UTC)  # UTC-5
    assert event.event_at == event.scheduled_departure_at - timedelta(hours=24)
    assert event.actual_departure_at is None


def test_without_a_zone_the_airports_own_is_taken() -> None:
    assert made(departure_timezone=None, arrival_timezone=None) == made()


def test_an_offset_that_is_one_is_believed() -> None:
    assert made(departure_scheduled="2020-02-04T20:25:00+08:00") == made()


def test_the_hour_that_comes_twice_and_the_one_that_never_comes() -> None:
    """New York, 3 November 2024: 01:30 is 05:30 and 06:30 UTC. 10 March 2024: there is no 02:30."""
    there = {"iata": "JFK", "timezone": "America/New_York", "delay": None, "actual": None}
    departure = {**there, "iata": "BOS", "scheduled": "2024-11-03T01:50:00+00:00"}
    arrival = {**there, "scheduled": "2024-11-03T01:30:00+00:00"}
    (event,) = made(flight_status="scheduled", departure=departure, arrival=arrival)
    assert event.scheduled_departure_at == datetime(2024, 11, 3, 5, 50, tzinfo=UTC)
    assert event.scheduled_arrival_at == datetime(2024, 11, 3, 6, 30, tzinfo=UTC)
    departure["scheduled"] = "2024-03-10T02:30:00+00:00"
    with pytest.raises(ValueError, match="does not exist at BOS"):
        made(flight_status="scheduled", departure=departure, arrival=arrival)


@pytest.mark.parametrize(
    ("changes", "states", "known_at"),
    [
        ({"flight_status": "active", "arrival_actual": None}, ["DEPARTED"], (12, 38)),
        ({"flight_status": "cancelled", "departure_actual": None}, ["CANCELLED"], (12, 25)),
        ({"flight_status": "diverted"}, ["DEPARTED", "DIVERTED"], (13, 50)),
        # no actual time, but how late: 12:25 + 0:13
        ({"flight_status": "active", "departure_actual": None}, ["DEPARTED"], (12, 38)),
    ],
)
def test_each_state_and_when_it_was_known(
    changes: dict[str, Any], states: list[str], known_at: tuple[int, int]
) -> None:
    events = made(**changes)
    assert [event.state for event in events] == states
    assert events[-1].event_at == datetime(2020, 2, 4, *known_at, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"flight_status": "incident"}, "flight_status 'incident' is none of"),
        ({"flight_status": "boarding"}, "flight_status 'boarding' is none of"),
        ({"flight_status": None}, "flight_status None is none of"),
        ({"departure_iata": None}, "departure.iata is missing"),
        ({"arrival_iata": ""}, "arrival.iata is missing"),
        ({"departure_iata": "QQQ"}, "no airport has the IATA code 'QQQ'"),
        ({"arrival_iata": "SIN"}, "destination equals origin SIN"),
        ({"departure_timezone": "Asia/Atlantis"}, "timezone 'Asia/Atlantis' is not one"),
        ({"departure_scheduled": None}, "departure.scheduled is missing"),
        ({"arrival_scheduled": None}, "arrival.scheduled is missing"),
        ({"arrival_scheduled": "soon"}, "arrival.scheduled 'soon' is not a time"),
        ({"arrival_scheduled": "2020-02-04T20:25:00+00:00"}, "arrival.scheduled lies before the departure"),
        ({"arrival_actual": None}, "is landed, and arrival has neither actual nor delay"),
        ({"arrival_actual": "2020-02-04T20:30:00+00:00"}, "arrival.actual lies before the departure"),
        ({"arrival_actual": "2021-02-04T21:33:00+00:00"}, "actual_arrival_at is more than 7 days from its schedule"),
        ({"airline": None}, "has no IATA code of an airline"),
        ({"airline_iata": "SCOOT"}, "carrier must be an IATA code of 2 characters"),
        ({"number": None}, "flight.number None is not a number"),
        ({"number": "0"}, "flight.number '0' is not a number"),
    ],
)
def test_what_cannot_be_used_is_left_out_with_its_reason_and_the_rest_goes_on(
    api: FlightsApi, ask: Ask, changes: dict[str, Any], reason: str
) -> None:
    api.flights = [flight(**changes), flight(number="430")]
    source = ask()
    assert {event.number for event in said(source)} == {"430"}
    (reject,) = source.rejects
    assert reason in reject.reason
    assert "SIN" in str(reject) or "PEN" in str(reject)


def test_a_flight_of_another_shape_spoils_no_other(api: FlightsApi, ask: Ask) -> None:
    api.flights = [{**flight(), "departure": {**flight()["departure"], "delay": [13]}}, flight(number="430")]
    source = ask()
    assert [event.number for event in said(source)] == ["430", "430"]
    assert "not of the documented shape" in source.rejects[0].reason


def test_every_state_of_ours_but_corrected_has_a_word_of_theirs() -> None:
    assert set(STATES.values()) == set(FlightState) - {FlightState.CORRECTED}


def test_codeshares_are_the_flight_that_is_flown_once(api: FlightsApi, ask: Ask) -> None:
    operated = {"airline_name": "scoot", "airline_iata": "tr", "airline_icao": "tgw", "flight_number": "428"}
    sold = [
        flight(airline_iata=airline, number=number, codeshared={**operated, "flight_iata": "tr428"}, aircraft=None)
        for airline, number in (("SQ", "8540"), ("VA", "5552"))
    ]
    api.flights = [sold[0], flight(), sold[1]]
    source = ask()
    assert [event.event_id for event in said(source)] == [
        "aviationstack:TR-428-2020-02-04-SIN:departed",
        "aviationstack:TR-428-2020-02-04-SIN:arrived",
    ]
    assert {event.tail for event in said(source)} == {"9V-TAU"}  # the operator's own report is kept
    assert (source.flights, source.codeshares, source.rejects) == (3, 2, [])
    api.flights = sold
    alone = ask()
    assert [event.flight_id for event in said(alone)] == ["TR-428-2020-02-04-SIN"] * 2
    assert alone.routes() == source.routes()


def test_of_several_reports_the_furthest_counts_and_a_contradiction_is_told(api: FlightsApi, ask: Ask) -> None:
    later = flight(arrival_actual="2020-02-04T21:40:00+00:00")
    api.flights = [flight(flight_status="scheduled"), flight(), flight(flight_status="active"), flight(), later]
    source = ask()
    assert [event.state for event in said(source)] == [FlightState.DEPARTED, FlightState.ARRIVED]
    assert said(source)[-1].actual_arrival_at == datetime(2020, 2, 4, 13, 33, tzinfo=UTC)
    assert [reject.reason for reject in source.rejects] == ["contradicts another report of the same flight"]


def test_what_would_be_known_in_the_future_is_left_out(client: Callable[..., Client]) -> None:
    source = AviationStackSource(client(), Question(), not_after=datetime(2020, 2, 4, 13, 0, tzinfo=UTC))
    assert source.total() == 0
    assert "in the future" in source.rejects[0].reason


def test_every_page_is_read_and_no_flight_twice(api: FlightsApi, ask: Ask) -> None:
    api.flights = [flight(number=str(number)) for number in range(1, 251)]
    source = ask()
    assert {int(event.number) for event in said(source)} == set(range(1, 251))
    assert [(asked["limit"], asked["offset"]) for asked in api.asked] == [("100", "0"), ("100", "100"), ("100", "200")]


def test_a_limit_asks_for_no_more(api: FlightsApi, ask: Ask) -> None:
    api.flights = [flight(number=str(number)) for number in range(1, 251)]
    assert ask(most_flights=130).flights == 130
    assert [asked["limit"] for asked in api.asked] == ["100", "30"]


def test_one_question_for_each_date_airport_and_airline(api: FlightsApi, ask: Ask) -> None:
    question = Question(("2020-02-04", "2020-02-05"), ("SIN", "KUL"), ("TR",))
    assert ask(question).flights == 1
    assert [(a["flight_date"], a["dep_iata"], a["airline_iata"]) for a in api.asked] == [
        ("2020-02-04", "SIN", "TR"),
        ("2020-02-04", "KUL", "TR"),
        ("2020-02-05", "SIN", "TR"),
        ("2020-02-05", "KUL", "TR"),
    ]


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(429, failure("rate_limit_reached", "You have exceeded the rate limit.")),
        Answer(500, failure("internal_error", "An unexpected error occurred.")),
        Answer(503, b"<html>upstream is away</html>"),
        Answer(502, b""),
        Answer(200, b'{"pagination": {"limit": 100, "offs'),
        Answer(200, b"\xff\xfe"),
        Answer(200, b"[]"),
        Answer(200, b'{"success": false, "error": {"code": 106, "type": "rate_limit", "info": "Slow down."}}'),
    ],
)
def test_what_passes_is_tried_again_with_growing_waits(
    api: FlightsApi, ask: Ask, clock: Clock, trouble: Answer
) -> None:
    api.bad_days = [trouble, trouble, trouble]
    assert len(said(ask())) == 2
    assert clock.waited == [1.0, 2.0, 4.0]


def test_waits_are_drawn_by_chance_below_that(api: FlightsApi, ask: Ask, clock: Clock) -> None:
    api.bad_days = [Answer(503, b"")] * 3
    ask(chance=iter([0.5, 0.25, 0.0]).__next__)
    assert clock.waited == [0.5, 0.5, 0.0]


def test_when_they_say_how_long_it_is_that_long(api: FlightsApi, ask: Ask, clock: Clock) -> None:
    api.bad_days = [Answer(429, failure("rate_limit_reached", "Wait."), {"Retry-After": "17"})]
    assert len(said(ask())) == 2
    assert clock.waited == [17.0]


def test_an_answer_that_comes_drop_by_drop_is_given_up_and_asked_for_again(
    api: FlightsApi, client: Callable[..., Client]
) -> None:
    api.bad_days = [Answer(200, b" " * 10_000, drip=0.02)]
    real_time = {"clock": time.monotonic, "wait": lambda seconds: None, "timeout_seconds": 0.3}
    source = AviationStackSource(client(**real_time), Question())
    assert (source.total(), len(api.asked)) == (2, 2)


def test_an_answer_that_never_comes_is_given_up(api: FlightsApi, ask: Ask) -> None:
    api.bad_days = [Answer(200, b" ", drip=60.0)]
    assert ask(timeout_seconds=0.2).total() == 2


def test_patience_ends_and_what_was_read_is_kept(api: FlightsApi, ask: Ask, clock: Clock) -> None:
    """Waits of 1, 2, 4, … 60, 60 seconds fit three times into 180 s beside their sum before, 63."""
    api.flights = [flight(number=str(number)) for number in range(1, 151)]
    api.bad_days = []
    first = ask(most_flights=100)
    assert first.stopped is None
    api.bad_days = [Answer(503, b"")] * 50
    source = ask()
    assert source.stopped == "no page in 180 s and 8 attempts: HTTP 503"
    assert clock.waited == [1, 2, 4, 8, 16, 32, 60]
    assert source.total() == 0


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(403, failure("function_access_restricted", "Not on your plan.")), "function_access_restricted"),
        (Answer(422, failure("validation_error", "Request failed.")), "validation_error: Request failed."),
        (
            Answer(200, b'{"success":false,"error":{"code":105,"type":"https_access_restricted","info":"Plan."}}'),
            "105 https_access_restricted: Plan.",
        ),
        (Answer(404, b"gone"), "HTTP 404 without a reason"),
        (Answer(302, b"", {"Location": "http://127.0.0.1:9/"}), "HTTP 302 without a reason"),
        (Answer(429, failure("usage_limit_reached", "Monthly.")), "AviationStack says usage_limit_reached: Monthly."),
        (Answer(200, b'{"error":{"code":104,"info":"Monthly."}}'), "AviationStack says 104: Monthly."),
    ],
)
def test_a_no_is_a_no(api: FlightsApi, ask: Ask, clock: Clock, answer: Answer, reason: str) -> None:
    api.bad_days = [answer]
    source = ask()
    assert source.stopped is not None
    assert reason in source.stopped
    assert (len(api.asked), clock.waited) == (1, [])


@pytest.mark.parametrize(
    "answer",
    [
        None,  # the server's own: it knows another key
        Answer(401, failure("missing_access_key", "You have not supplied an API Access Key.")),
        Answer(200, b'{"success":false,"error":{"code":101,"type":"invalid_access_key","info":"Invalid."}}'),
        Answer(401, b'{"error":{"code":102,"type":"inactive_user","info":"Inactive."}}'),
    ],
)
def test_a_key_that_is_refused_is_a_matter_of_settings(api: FlightsApi, ask: Ask, answer: Answer | None) -> None:
    api.bad_days = [answer] if answer else []
    with pytest.raises(KeyRefused):
        ask(key="another")
    assert len(api.asked) == 1


def test_the_quota_is_shared_by_all_runs_of_a_month_and_never_passed(api: FlightsApi, ask: Ask) -> None:
    api.flights = [flight(number=str(number)) for number in range(1, 251)]
    source = ask(quota=2)
    assert source.flights == 200  # what was paid for is used
    assert source.stopped is not None
    assert source.stopped.startswith("2 of 2 requests of ")
    again = ask(quota=2)
    assert (again.total(), len(api.asked)) == (0, 2)
    assert ask(quota=3).flights == 100


def test_tries_count_too(api: FlightsApi, ask: Ask) -> None:
    api.bad_days = [Answer(503, b"")] * 50
    source = ask(quota=4)
    assert source.stopped is not None
    assert source.stopped.startswith("4 of 4 requests")
    assert len(api.asked) == 4


def test_a_new_month_begins_with_none_and_a_spoilt_count_is_no_new_month(tmp_path: Path) -> None:
    path, months = tmp_path / "usage.json", [datetime(2026, 3, 31, 23, 59, tzinfo=UTC)]
    quota = Quota(path, 1, now=lambda: months[-1])
    quota.take()
    with pytest.raises(QuotaReached, match="1 of 1 requests of 2026-03"):
        quota.take()
    months.append(datetime(2026, 4, 1, tzinfo=UTC))
    quota.take()
    assert quota.used() == 1
    path.write_text("{")
    with pytest.raises(QuotaReached, match="does not say how many"):
        quota.take()


def test_processes_count_to_one_sum(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from producers.sources.aviationstack.quota import Quota\n"
        "for _ in range(50): Quota(Path(sys.argv[1]), 1000).take()"
    )
    path = tmp_path / "usage.json"
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=PROJECT) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert Quota(path, 1000).used() == 150


@pytest.mark.parametrize(
    "url", ["http://api.aviationstack.com/v1", "ftp://127.0.0.1/v1", "api.aviationstack.com", "https://"]
)
def test_the_key_only_travels_by_https(url: str) -> None:
    with pytest.raises(ValueError, match="the key may only travel by https"):
        check_base_url(url)


def test_no_error_holds_the_key(api: FlightsApi, client: Callable[..., Client], tmp_path: Path) -> None:
    """Neither its text nor anything it stands on; also when the other side throws the key back, or is not there."""
    awkward = "k€y/with+signs&?"
    troubles = [
        Answer(403, failure("function_access_restricted", f"{awkward} may not.")),
        Answer(200, f'{{"x": "{awkward}"'.encode()),
    ]
    for trouble in troubles:
        api.bad_days = [trouble]
        with pytest.raises((AskedInVain, KeyRefused)) as raised:
            list(client(key=awkward, patience_seconds=0.1).pages({}))
        everything = "".join(traceback.format_exception(raised.value)) + repr(raised.value.__context__)
        assert awkward not in everything
    for url in ("http://127.0.0.1:1/v1", "http://127.0.0.1:1/a b"):
        with pytest.raises(AskedInVain) as raised:
            list(client(base_url=url, patience_seconds=0.1, key=awkward).pages({}))
        assert awkward not in "".join(traceback.format_exception(raised.value))
        assert "k%E2%82%ACy" not in "".join(traceback.format_exception(raised.value))
    assert KEY not in repr(client())
