"""The operation, by hand: delay passes through aircraft, storms close runways, tails break."""

from collections.abc import Callable
from datetime import date
from statistics import NormalDist

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources.simulator.facts import arrival_causes
from producers.sources.simulator.incidents import Incident
from producers.sources.simulator.network import FLEETS
from producers.sources.simulator.noise import FlightNoise, flight_noise
from producers.sources.simulator.operations import Operation
from producers.sources.simulator.outcome import Cause, Outcome
from producers.sources.simulator.slots import Runway, Storm
from producers.sources.simulator.timetable import Leg, instant_of, spares, tails

# No luck at all: on time to the minute, the median block (MEX-CUN 120, CUN-MEX 126 minutes).
CALM = FlightNoise(
    u_is_delayed=0.99,
    u_delay_size=0.5,
    u_delay_cause=0.99,
    u_cancelled=0.99,
    u_patience=0.5,
    u_holding=0.5,
    u_early=0.0,
    u_cancel_notice=0.5,
    z_block=0.0,
    z_fuel=0.0,
    z_demand=0.0,
    z_fare=0.0,
    z_crew=0.0,
    z_maintenance=0.0,
    z_cargo=0.0,
    z_ancillary=0.0,
)
FLEET = FLEETS[0]  # AM, B738, MEX: turns in 45 minutes, 10 more in the plan, one spare
TAIL = tails(FLEET)[0]
START = 29_600_000  # any minute
BLOCK, BACK = 120, 126


def leg(number: int, origin: str, destination: str, departs: int, *, first: bool = False, tail: str = TAIL) -> Leg:
    return Leg(
        flight_id=f"AM-{number}",
        carrier="AM",
        number=str(number),
        origin=origin,
        destination=destination,
        fleet=FLEET.name,
        base="MEX",
        aircraft_type="B738",
        seats=160,
        distance_km=1284,
        service_day=date(2026, 4, 12),
        departs=START + departs,
        arrives=START + departs + 130,
        tail=tail,
        starts_line=first,
    )


ROTATION = [
    leg(1, "MEX", "CUN", 0, first=True),
    leg(2, "CUN", "MEX", 185),
    leg(3, "MEX", "CUN", 370),
    leg(4, "CUN", "MEX", 555),
]


def fly(legs: list[Leg], luck: dict[int, FlightNoise] | None = None, *incidents: Incident) -> list[Outcome]:
    noise = {f"AM-{number}": noise for number, noise in (luck or {}).items()}
    return Operation(legs, lambda flight: noise.get(flight, CALM), incidents).fly()


def incident(kind: str, target: str, start: int, end: int, magnitude: float = 0.5) -> Incident:
    return Incident(
        kind=kind,  # type: ignore[arg-type]
        target=target,
        start_at=instant_of(START + start),
        end_at=instant_of(START + end),
        magnitude=magnitude,
    )


def relative(outcomes: list[Outcome]) -> list[tuple[str, int | None, int]]:
    return [(o.state, None if o.departed is None else o.departed - START, o.ends - START) for o in outcomes]


# Two standard deviations out: 17 x exp(0.95 x 2) = 113.7 minutes of own delay.
LATE = msgspec.structs.replace(CALM, u_is_delayed=0.0, u_delay_size=NormalDist().cdf(2.0))


def test_without_luck_everything_is_on_time() -> None:
    assert relative(fly(ROTATION)) == [
        ("ARRIVED", 0, 120),
        ("ARRIVED", 185, 311),
        ("ARRIVED", 370, 490),
        ("ARRIVED", 555, 681),
    ]


def test_a_delay_passes_on_through_the_aircraft_and_shrinks() -> None:
    outcomes = fly(ROTATION, {1: LATE})
    # In at 234, turned at 279, 94 late; in at 405, turned at 450, 80 late; in at 570, turned at 615, 60 late.
    assert relative(outcomes) == [
        ("ARRIVED", 114, 234),
        ("ARRIVED", 279, 405),
        ("ARRIVED", 450, 570),
        ("ARRIVED", 615, 741),
    ]
    assert [o.delay_causes for o in outcomes] == [
        {"carrier": 114},
        {"late_aircraft": 94},
        {"late_aircraft": 80},
        {"late_aircraft": 60},
    ]
    assert {o.root_cause for o in outcomes} == {"carrier"}
    assert [o.arrival_delay_minutes for o in outcomes] == [104, 90, 70, 56]


def test_own_delay_and_late_aircraft_overlap() -> None:
    outcomes = fly(ROTATION, {1: LATE, 2: LATE})
    # Ready at 279 from the late aircraft, at 185 + 114 = 299 from its own delay: 94 of the 114 would have been anyway.
    assert relative(outcomes)[1] == ("ARRIVED", 299, 425)
    assert outcomes[1].delay_causes == {"late_aircraft": 94, "carrier": 20}


def test_a_cancelled_outbound_takes_its_return_with_it_and_no_more() -> None:
    cancelled = msgspec.structs.replace(CALM, u_cancelled=0.0)
    assert [o.state for o in fly(ROTATION, {1: cancelled})] == ["CANCELLED", "CANCELLED", "ARRIVED", "ARRIVED"]


def test_a_cancelled_return_brings_its_aircraft_home_late() -> None:
    cancelled = msgspec.structs.replace(CALM, u_cancelled=0.0)
    outcomes = fly(ROTATION, {2: cancelled})
    # Cancelled at 185; four hours and the block of 130 later, at 555, the aircraft is at MEX: 185 late for leg 3.
    assert relative(outcomes)[1:3] == [("CANCELLED", None, 185), ("ARRIVED", 555, 675)]


def test_a_storm_at_the_origin_holds_departures_until_it_reopens() -> None:
    # Closed 360 to 420, slowed to 480. Leg 3 is ready at 370 and leaves with the first slot.
    outcomes = fly(ROTATION, None, incident("storm", "MEX", 360, 480))
    assert relative(outcomes)[2] == ("ARRIVED", 420, 540)
    assert outcomes[2].delay_causes == {"weather": 50}
    assert outcomes[2].root_cause == outcomes[3].root_cause == "weather"
    assert relative(outcomes)[3] == ("ARRIVED", 585, 711)


def test_a_flight_in_the_air_when_the_storm_comes_holds_or_goes_elsewhere() -> None:
    # Leg 2 left at 185, the storm comes at 300, it is over the field at 311. Holding fuel lasts 35 minutes.
    holds = fly(ROTATION, None, incident("storm", "MEX", 300, 360))  # reopens at 330
    assert relative(holds)[1] == ("ARRIVED", 185, 330)
    assert holds[1].holding_minutes == 19
    diverts = fly(ROTATION, None, incident("storm", "MEX", 300, 480))  # reopens at 390
    assert relative(diverts)[1] == ("DIVERTED", 185, 311 + 35 + 35)
    # Ferried on: at MEX at 390 + 60, which is when leg 3 leaves.
    assert relative(diverts)[2][:2] == ("ARRIVED", 450)


def test_a_flight_not_yet_gone_waits_on_the_ground_for_its_arrival_slot() -> None:
    # The storm at MEX is known when leg 2 wants to leave at 185; it would be there at 311; the field reopens at 340.
    outcomes = fly(ROTATION, None, incident("storm", "MEX", 180, 500))
    assert relative(outcomes)[1] == ("ARRIVED", 214, 340)
    assert outcomes[1].delay_causes == {"weather": 29}
    assert outcomes[1].holding_minutes == 0


def test_a_long_closure_cancels() -> None:
    # Patience for a slot is 60 + 0.5 x 140 = 130 minutes; the field is closed for 300.
    outcomes = fly(ROTATION, None, incident("storm", "MEX", 0, 600))
    assert [o.state for o in outcomes[:2]] == ["CANCELLED", "CANCELLED"]
    assert outcomes[0].root_cause == outcomes[1].root_cause == "weather"


def test_a_spare_takes_over_from_a_broken_aircraft() -> None:
    # Leg 3 is looked at when the aircraft is in, at 311; the spare is called out and ready 75 minutes later.
    outcomes = fly(ROTATION, None, incident("aircraft", TAIL, 300, 2000))
    assert [o.tail for o in outcomes] == [TAIL, TAIL, *spares(FLEET) * 2]
    assert relative(outcomes)[2] == ("ARRIVED", 386, 506)


def test_without_a_spare_the_flights_are_cancelled_or_wait_for_repair() -> None:
    both = (incident("aircraft", TAIL, 300, 2000), incident("aircraft", spares(FLEET)[0], 0, 3000))
    assert [o.state for o in fly(ROTATION, None, *both)] == ["ARRIVED", "ARRIVED", "CANCELLED", "CANCELLED"]
    short = (incident("aircraft", TAIL, 300, 430), incident("aircraft", spares(FLEET)[0], 0, 3000))
    outcomes = fly(ROTATION, None, *short)
    assert relative(outcomes)[2] == ("ARRIVED", 430, 550)
    assert outcomes[2].delay_causes == {"carrier": 60}


def test_service_changes_say_where() -> None:
    operation = Operation(ROTATION, lambda _: CALM, [incident("aircraft", TAIL, 200, 300)])
    operation.fly()
    assert [(c.at - START, c.out, c.airport) for c in operation.service_changes] == [
        (200, True, "CUN"),
        (300, False, "CUN"),
    ]


def test_runway_gives_no_slot_while_closed_and_few_until_the_storm_ends() -> None:
    runway = Runway("MEX", [Storm(1000, 1060, 1120)])
    assert runway.next_slot(999) == 999
    slots = []
    for _ in range(60):
        slot = runway.next_slot(1005)
        runway.take(slot)
        slots.append(slot)
    assert len(set(slots)) == 60
    assert min(slots) == 1060
    # 40 an hour on a good day, 35 % of that in the slow hour: 14 slots; the rest at the usual rate after it.
    assert sum(1060 <= slot < 1120 for slot in slots) in (14, 15)
    assert sum(1120 <= slot < 1180 for slot in slots) in (40, 41)


@given(
    st.dictionaries(
        st.sampled_from(["carrier", "weather", "airspace", "security", "late_aircraft"]), st.integers(1, 400)
    ),
    st.integers(0, 500),
    st.integers(0, 50),
)
def test_causes_always_add_up_to_the_arrival_delay(causes: dict[Cause, int], delay: int, holding: int) -> None:
    outcome = Outcome(
        leg=ROTATION[0],
        state="ARRIVED",
        ends=ROTATION[0].arrives + delay,
        tail=TAIL,
        departed=ROTATION[0].departs,
        holding_minutes=holding,
        delay_causes=causes,
    )
    split = arrival_causes(outcome)
    assert sum(split.values()) == delay
    assert all(minutes > 0 for minutes in split.values())


@pytest.mark.parametrize("draw", [lambda n: n.u_is_delayed, lambda n: (n.z_block + 8) / 16])
def test_luck_is_a_stream_of_its_own_per_flight(draw: Callable[[FlightNoise], float]) -> None:
    assert flight_noise(1, "AM-1") == flight_noise(1, "AM-1")
    assert flight_noise(1, "AM-1") != flight_noise(2, "AM-1")
    drawn = [draw(flight_noise(1, f"AM-{number}")) for number in range(2000)]
    assert sum(drawn) / len(drawn) == pytest.approx(0.5, abs=0.02)
