"""Which alarms have one cause: an airport's, a carrier's, the network's, or none."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from alerts.causes import Alarm, Causes, assign
from alerts.settings import AlertSettings
from tests.alerts.samples import NOW

SETTINGS = AlertSettings.read({})
"""Five routes of an airport, twenty of the network, ten minutes."""


def alarm(route: str, minutes: float = 0, carrier: str = "") -> Alarm:
    at = NOW + timedelta(minutes=minutes)
    return Alarm(f"{route}@{minutes}", route, tuple(route.split("-")), at, (carrier,) if carrier else ())


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


def apart(count: int, carrier: str = "", minutes: float = 0) -> list[Alarm]:
    """Routes without an airport in common."""
    return [alarm(f"{carrier}{number:02}O-{carrier}{number:02}D", minutes, carrier) for number in range(count)]


def test_routes_that_share_a_carrier_and_no_airport_are_the_carriers() -> None:
    assert after(Causes(), apart(4, "B6"))[1] == [""] * 4
    causes, found = after(Causes(), apart(5, "B6"))
    assert found == ["carrier B6"] * 5
    assert after(causes, [alarm("JFK-LAX", 9, "B6")])[1] == ["carrier B6"]
    assert after(causes, [alarm("JFK-LAX", 9, "DL"), alarm("JFK-SFO", 9)])[1] == ["", ""], "another's, and nobody's"
    assert after(Causes(), apart(5))[1] == [""] * 5, "nobody flies them alone"


def test_an_airport_comes_before_a_carrier_and_a_carrier_before_the_network() -> None:
    of_both = [alarm(f"JFK-J{number:02}", 0, "B6") for number in range(5)]
    causes, found = after(Causes(), [*of_both, *apart(3, "B6")])
    assert found == ["airport JFK"] * 5 + [""] * 3
    assert after(causes, apart(5, "B6", 1)[3:])[1] == ["carrier B6"] * 2, "the airport's are not counted again"
    assert after(Causes(), apart(25, "B6"))[1] == ["carrier B6"] * 25
    assert set(after(Causes(), [*apart(20, "B6"), *apart(4, "DL")])[1]) == {"carrier B6", ""}
    assert set(after(Causes(), [*apart(12, "B6"), *apart(12, "DL")])[1]) == {"network"}


def test_carriers_one_after_the_other_become_the_networks_before_anybody_was_told() -> None:
    causes = Causes()
    for carrier in ("B6", "DL", "AA", "UA", "WN"):
        causes, found = after(causes, apart(7, carrier))
    assert set(found) == {"network"}
    assert [one.cause for one in causes.storms] == ["network"]
    assert after(causes, [alarm("JFK-XXX", 1, "B6")])[1] == ["network"]


def test_causes_of_before_carriers_were_counted_are_read() -> None:
    stored = msgspec.json.encode([["a1", "JFK-LAX", ["JFK", "LAX"], NOW]])
    assert msgspec.json.decode(stored, type=list[Alarm])[0].carriers == ()


def test_a_storm_takes_new_alarms_till_ten_minutes_after_the_last_one() -> None:
    causes, _ = after(Causes(), spokes("JFK", 5))
    assert after(causes, [alarm("JFK-LAX", 9)])[1] == ["airport JFK"]
    assert after(causes, [alarm("JFK-LAX", 30)])[1] == [""]
    assert after(causes, [alarm("MEX-CUN", 1)])[1] == [""], "another airport's"


def test_a_stage_may_never_group() -> None:
    settings = SETTINGS.model_copy(update={"storm_routes": 0, "storm_network_routes": 0})
    assert assign(Causes(), spokes("JFK", 200), settings, NOW)[1] == {}


airports = st.sampled_from(["JFK", "EWR", "MEX", "CUN", "LAX"])
carriers = st.sampled_from(["", "B6", "DL", "AM"])
alarms = st.lists(st.tuples(airports, airports, carriers), max_size=40)


@given(seen=alarms, cut=st.lists(st.integers(0, 40), max_size=3))
def test_however_they_are_cut_into_batches_most_that_go_out_alone_are_few(
    seen: list[tuple[str, str, str]], cut: list[int]
) -> None:
    """In one window, so many at most as the thresholds allow; the second delivery of a batch changes nothing."""
    made = [alarm(f"{a}-{b}{n}", 0, carrier) for n, (a, b, carrier) in enumerate(seen)]
    causes, alone = Causes(), 0
    places = sorted({0, len(made), *(min(place, len(made)) for place in cut)})
    for begin, end in pairwise(places):
        batch = made[begin:end]
        causes, found = after(causes, batch)
        assert after(causes, batch)[0] == causes
        alone += found.count("")
    assert alone <= max(SETTINGS.storm_network_routes, 4 * 5)
