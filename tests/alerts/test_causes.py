"""Which alarms have one cause: an airport's, the network's, or none."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alerts.causes import Alarm, Causes, assign
from alerts.settings import AlertSettings
from tests.alerts.samples import NOW

SETTINGS = AlertSettings.read({})
"""Five routes of an airport, twenty of the network, ten minutes."""


def alarm(route: str, minutes: float = 0) -> Alarm:
    return Alarm(f"{route}@{minutes}", route, tuple(route.split("-")), NOW + timedelta(minutes=minutes))


def after(causes: Causes, alarms: Sequence[Alarm], now: datetime = NOW) -> tuple[Causes, list[str]]:
    """The causes, and the cause of each alarm; "" for those that go out alone."""
    causes, found = assign(causes, alarms, SETTINGS, now)
    return causes, [found[one.alert_id].cause if one.alert_id in found else "" for one in alarms]


def spokes(hub: str, count: int, minutes: float = 0) -> list[Alarm]:
    return [alarm(f"{hub}-{hub[0]}{number:02}", minutes) for number in range(count)]


def test_four_routes_of_an_airport_go_out_alone_and_five_are_one_cause() -> None:
    assert after(Causes(), spokes("JFK", 4))[1] == [""] * 4
    assert after(Causes(), spokes("JFK", 5))[1] == ["airport JFK"] * 5


def test_the_fifth_within_ten_minutes_begins_it_and_one_later_does_not() -> None:
    causes, _ = after(Causes(), spokes("JFK", 4))
    assert after(causes, [alarm("JFK-LAX", 10)])[1] == ["airport JFK"]
    assert after(causes, [alarm("JFK-LAX", 10.1)])[1] == [""]


def test_the_rules_of_one_route_count_once() -> None:
    same = [Alarm(f"a{number}", "JFK-LAX", ("JFK", "LAX"), NOW) for number in range(6)]
    assert after(Causes(), same)[1] == [""] * 6


def test_an_alarm_that_comes_again_with_its_batch_counts_once() -> None:
    causes, _ = after(Causes(), spokes("JFK", 4))
    again, found = after(causes, spokes("JFK", 4))
    assert (again, found) == (causes, [""] * 4)


def test_routes_of_many_airports_are_the_networks() -> None:
    mixed = [one for hub in ("JFK", "EWR", "LGA") for one in spokes(hub, 7)]
    assert set(after(Causes(), mixed)[1]) == {"network"}


def test_an_airport_that_explains_four_fifths_keeps_its_name() -> None:
    mostly = [*spokes("JFK", 40), *spokes("MEX", 4)]
    assert after(Causes(), mostly)[1] == ["airport JFK"] * 40 + [""] * 4


def test_airports_one_after_the_other_become_the_networks_before_anybody_was_told() -> None:
    causes = Causes()
    for hub in ("JFK", "EWR", "LGA", "BOS", "DCA"):
        causes, found = after(causes, spokes(hub, 7))
    assert set(found) == {"network"}
    (storm,) = (one for one in causes.storms if one.cause == "network")
    assert len(causes.storms) + len(storm.absorbed) >= 4, "the airports' storms are kept or listed in it"
    assert after(causes, [alarm("JFK-XXX", 1)])[1] == ["network"]


def test_a_storm_takes_new_alarms_till_ten_minutes_after_the_last_one() -> None:
    causes, _ = after(Causes(), spokes("JFK", 5))
    assert after(causes, [alarm("JFK-LAX", 9)])[1] == ["airport JFK"]
    assert after(causes, [alarm("JFK-LAX", 30)])[1] == [""]
    assert after(causes, [alarm("MEX-CUN", 1)])[1] == [""], "another airport's"


def test_a_stage_may_never_group() -> None:
    settings = SETTINGS.model_copy(update={"storm_routes": 0, "storm_network_routes": 0})
    assert assign(Causes(), spokes("JFK", 200), settings, NOW)[1] == {}


airports = st.sampled_from(["JFK", "EWR", "MEX", "CUN", "LAX"])
alarms = st.lists(st.tuples(airports, airports, st.integers(0, 15)), max_size=40)


@given(seen=alarms, cut=st.lists(st.integers(0, 40), max_size=3))
def test_however_they_are_cut_into_batches_most_that_go_out_alone_are_few(
    seen: list[tuple[str, str, int]], cut: list[int]
) -> None:
    """In one window, so many at most as the thresholds allow; the second delivery of a batch changes nothing."""
    made = [alarm(f"{a}-{b}{n}", 0) for n, (a, b, _) in enumerate(seen)]
    causes, alone = Causes(), 0
    places = sorted({0, len(made), *(min(place, len(made)) for place in cut)})
    for begin, end in pairwise(places):
        batch = made[begin:end]
        causes, found = after(causes, batch)
        assert after(causes, batch)[0] == causes
        alone += found.count("")
    assert alone <= max(SETTINGS.storm_network_routes, 4 * 5)
