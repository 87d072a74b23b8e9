"""Many alarms with one cause: one summary and the full list, whatever dies; airports that speak for their routes."""

from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.explain import explain
from alerts.routing import Escalation, Route, Routing
from alerts.selectors import Selector
from alerts.silences import Weekly
from schemas.lights import Light
from tests.alerts.samples import catalog, rule
from tests.faulty_proxy import FaultyProxy, first
from tests.integration.alert_desk import AlertDesk
from tests.integration.night import Clock, Night, airport, network

pytestmark = pytest.mark.integration


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def night(desk: AlertDesk, clock: Clock) -> "Night":
    return Night(desk, clock)


@pytest.mark.parametrize("batches", [1, 8], ids=["one batch", "eight batches"])
def test_a_whole_network_red_at_once_is_one_summary_and_the_full_list(night: Night, batches: int) -> None:
    routes = network(224)
    night.process(night.rows(9, routes))
    rows = night.rows(4, routes, 1, arrival_delay_minutes=60)
    size = 224 // batches
    for begin in range(0, 224, size):
        night.process(rows[begin : begin + size])
    assert night.heard() == []
    night.sweep()
    (summary,) = night.heard()
    assert (summary["kind"], summary["group"]["cause"]) == ("summary", "network")
    assert summary["group"]["lights"] == {"RED": 224}
    assert summary["group"]["entities"] == 224
    # 60 minutes late at US$ 100 in 24 hours are US$ 250 an hour, 224 times.
    assert summary["group"]["usd_per_hour"] == 56_000
    assert "224 routes" in summary["subject"]
    assert len(summary["group"]["worst"]) == 20
    members = night.operator().storm(summary["about"])
    assert sorted(one.entity for one in members) == sorted(routes)
    assert night.decisions(routes[7]) == ["log", "group"]
    night.sweep()
    assert night.heard() == []


def test_alarms_below_the_threshold_go_at_once_and_what_joins_later_is_recorded(night: Night) -> None:
    hub = airport()
    routes = [f"{hub}-{airport()}" for _ in range(30)]
    night.process(night.rows(9, routes))
    for number in range(4):
        assert night.process(night.rows(4, routes[number : number + 1], 1)).sent == 1
    assert len(night.heard()) == 4
    night.process(night.rows(4, routes[4:8], 2))
    night.sweep()
    (summary,) = night.heard()
    assert (summary["group"]["cause"], summary["group"]["entities"]) == (f"airport {hub}", 4)
    night.process(night.rows(4, routes[8:11], 3))
    night.sweep()
    assert night.heard() == [], "seven are not twice four"
    night.process(night.rows(4, routes[11:12], 4))
    night.sweep()
    assert [one["group"]["entities"] for one in night.heard()] == [8]
    night.process(night.rows(4, routes[12:14], 5))
    night.sweep(10)
    assert night.heard() == []
    night.sweep(30)
    assert [one["group"]["entities"] for one in night.heard()] == [10], "told at the interval"


def test_a_storm_ends_with_one_message_and_recoveries_are_in_it(night: Night) -> None:
    hub = airport()
    routes = [f"{hub}-{airport()}" for _ in range(8)]
    night.process(night.rows(9, routes))
    night.process(night.rows(4, routes, 1))
    night.sweep()
    assert len(night.heard()) == 1
    night.clock.pass_minutes(60)
    night.process(night.rows(9, routes))
    night.sweep()
    (over,) = night.heard()
    assert over["subject"].startswith(f"OVER airport {hub}: 8 routes, 8 GREEN")
    assert night.decisions(routes[0]) == ["log", "group", "group"]
    night.process(night.rows(4, routes[:1], 1))
    assert night.kinds() == [f"alert {routes[0]} RED"], "the storm is closed, a new alarm goes out"


@pytest.mark.parametrize("number", range(14))
def test_a_worker_that_dies_at_any_call_loses_no_route_and_no_summary(
    night: Night, proxy: FaultyProxy, number: int
) -> None:
    """From its n-th call on nothing the worker does takes effect; the stream brings the batch again."""
    hub = airport()
    routes = [f"{hub}-{airport()}" for _ in range(6)]
    night.process(night.rows(9, routes))
    night.settings["storm_settle_seconds"] = 0
    rows = night.rows(4, routes, 1)
    proxy.plan = lambda _operation: "refuse" if len(proxy.calls) > number else "pass"
    night.process(rows, proxy.url)
    night.process(rows)
    night.sweep()
    night.sweep(3)
    messages = night.heard()
    assert {one["kind"] for one in messages} == {"summary"}
    assert len({one["alert_id"] for one in messages}) in (1, 2), "two where the first came before the rest was stored"
    members = night.operator().storm(messages[-1]["about"])
    assert sorted(one.entity for one in members) == sorted(routes)


def test_while_sns_and_dynamodb_are_away_nothing_is_missed(night: Night, proxy: FaultyProxy) -> None:
    hub = airport()
    routes = [f"{hub}-{airport()}" for _ in range(6)]
    night.process(night.rows(9, routes))
    rows = night.rows(4, routes, 1)
    proxy.plan = lambda _operation: "refuse"
    assert len(night.process(rows, proxy.url).failed) == 6
    proxy.plan = first(10_000, "PublishBatch", "refuse")
    assert night.process(rows, proxy.url).failed == {}
    night.sweep()
    (summary,) = night.heard()
    assert summary["group"]["entities"] == 6


def test_a_red_airport_holds_back_its_routes_and_lets_go_when_it_ends(night: Night) -> None:
    night.rules = catalog(rule(), rule(id="airport_late", scope="airport"))
    hub, other = airport(), airport()
    route, elsewhere = f"{hub}-{other}", f"{other}-{airport()}"
    night.process([*night.rows(9, [route, elsewhere]), *night.rows(9, [hub], scope="airport")])
    both = [*night.rows(4, [route, elsewhere], 1), *night.rows(4, [hub], 1, scope="airport")]
    night.process(both)
    assert sorted(night.kinds()) == sorted([f"alert {hub} RED", f"alert {elsewhere} RED"])
    assert night.decisions(route) == ["log", "inhibit"]
    night.sweep()
    assert night.heard() == []
    night.process(night.rows(9, [hub], 5, scope="airport"))
    night.sweep()
    assert sorted(night.kinds()) == sorted([f"alert {hub} GREEN", f"released {route} RED"])
    assert night.decisions(route) == ["log", "inhibit", "released", "sent"]


CARRIER = rule(id="carrier_late", scope="carrier")


def test_a_red_carrier_holds_back_the_routes_it_flies_alone_and_lets_go_when_it_ends(night: Night) -> None:
    night.rules = catalog(rule(), CARRIER)
    alone, shared, others, unknown = (f"{airport()}-{airport()}" for _ in range(4))
    flown_by = {alone: ("B6",), shared: ("B6", "DL"), others: ("DL",), unknown: ()}
    for on_time, minutes in ((9, 0), (4, 1)):
        rows = [one for route, who in flown_by.items() for one in night.rows(on_time, [route], minutes, flown_by=who)]
        rows += night.rows(on_time, ["B6"], minutes, scope="carrier") + night.rows(9, ["DL"], minutes, scope="carrier")
        night.process(rows)
    assert sorted(night.kinds()) == sorted(f"alert {name} RED" for name in (shared, others, unknown, "B6"))
    assert night.decisions(alone) == ["log", "inhibit"]
    entry = night.log(alone)[-1]
    assert "but carrier B6 is RED on carrier_late: one cause, one alarm" in entry.decisions[-1][2]
    told = explain(entry, night.log(alone))
    assert "nobody: alarm: RED, but carrier B6 is RED on carrier_late: one cause, one alarm" in told
    assert f"route {alone} 24h, 10 events, flown by B6" in told
    night.sweep()
    assert night.heard() == []
    night.process(night.rows(8, ["B6"], 5, scope="carrier"))
    night.sweep()
    assert sorted(night.kinds()) == sorted(["alert B6 AMBER", f"released {alone} RED"])
    assert night.decisions(alone) == ["log", "inhibit", "released", "sent"]
    assert "what held it back (carrier B6) is over" in night.log(alone)[-1].decisions[1][2]


def test_a_route_of_two_carriers_is_held_back_while_both_are_red(night: Night) -> None:
    night.rules = catalog(rule(), CARRIER)
    route = f"{airport()}-{airport()}"
    both = ("B6", "DL")
    night.process([*night.rows(9, [route], flown_by=both), *night.rows(9, both, scope="carrier")])
    night.process([*night.rows(4, [route], 1, flown_by=both), *night.rows(4, both, 1, scope="carrier")])
    assert sorted(night.kinds()) == ["alert B6 RED", "alert DL RED"]
    assert "each of the carriers B6, DL is RED on carrier_late" in night.log(route)[-1].decisions[-1][2]
    night.process(night.rows(9, ["DL"], 2, scope="carrier"))
    night.sweep()
    assert sorted(night.kinds()) == sorted(["alert DL GREEN", f"released {route} RED"]), "B6 is still red"


def test_a_red_carrier_says_nothing_of_other_kpis_and_its_lights_are_read_from_the_table(night: Night) -> None:
    """The carrier turns red in a batch before the routes' own, which no row of it is in."""
    cancels = rule(id="cancels", kpi_name="completion")
    night.rules = catalog(rule(), cancels, CARRIER)
    route = f"{airport()}-{airport()}"
    night.process(night.rows(9, [route], flown_by=("B6",), operated=10))
    night.process(night.rows(4, ["B6"], 1, scope="carrier"))
    assert night.kinds() == ["alert B6 RED"]
    night.process(night.rows(4, [route], 2, flown_by=("B6",), operated=4))
    assert [one["transition"]["rule"] for one in night.heard()] == ["cancels"]
    assert sorted(night.decisions(route)) == ["inhibit", "log", "log", "send", "sent"]


def test_a_route_that_recovers_while_its_carrier_is_red_is_told_to_nobody(night: Night) -> None:
    night.rules = catalog(rule(), CARRIER)
    route = f"{airport()}-{airport()}"
    for on_time, minutes in ((9, 0), (4, 1)):
        of_carrier = night.rows(on_time, ["B6"], minutes, scope="carrier")
        night.process([*night.rows(on_time, [route], minutes, flown_by=("B6",)), *of_carrier])
    night.process(night.rows(9, [route], 2, flown_by=("B6",)))
    night.process(night.rows(9, ["B6"], 3, scope="carrier"))
    night.sweep()
    assert sorted(night.kinds()) == ["alert B6 GREEN", "alert B6 RED"]
    assert night.decisions(route) == ["log", "inhibit", "inhibit"]


def test_routes_of_one_carrier_without_an_airport_in_common_are_one_summary(night: Night) -> None:
    routes = [f"{airport()}-{airport()}" for _ in range(6)]
    night.process(night.rows(9, routes, flown_by=("B6",)))
    night.process(night.rows(4, routes, 1, flown_by=("B6",)))
    night.sweep()
    (summary,) = night.heard()
    assert (summary["group"]["cause"], summary["group"]["entities"]) == ("carrier B6", 6)
    assert summary["subject"].startswith("STORM carrier B6: 6 routes, 6 RED")
    assert summary["text"].startswith("Storm of carrier B6: 6 routes")
    assert sorted(one.entity for one in night.operator().storm(summary["about"])) == sorted(routes)


def test_what_recovers_while_it_is_held_back_is_told_to_nobody(night: Night) -> None:
    route = f"{airport()}-{airport()}"
    night.operator().silence(
        Selector(route=(route,)), "ana", "works", night.clock.at, night.clock.at + timedelta(hours=1)
    )
    night.process(night.rows(9, [route]))
    night.process(night.rows(4, [route], 1))
    night.process(night.rows(9, [route], 2))
    night.sweep(90)
    assert night.heard() == []
    assert night.decisions(route) == ["log", "silence", "silence"]


def test_a_silence_that_ends_while_the_light_is_red_across_a_change_of_the_clocks(night: Night) -> None:
    """In the night of 8 March 2026, New York has no 02:00 to 03:00: 22:00 to 06:00 ends at 10:00 UTC."""
    night.clock.at = datetime(2026, 3, 8, 2, 50, tzinfo=UTC)
    route = f"{airport()}-{airport()}"
    weekly = Weekly(
        zone="America/New_York",
        weekdays=("sat",),
        begin=time(22),
        end=time(6),
    )
    far = night.clock.at + timedelta(days=365)
    night.operator().silence(Selector(route=("?*-?*",)), "ana", "night", night.clock.at, far, weekly)
    night.process(night.rows(9, [route]))
    night.clock.at = datetime(2026, 3, 8, 3, 0, tzinfo=UTC)
    night.process(night.rows(4, [route]))
    for at in (datetime(2026, 3, 8, 7, 1, tzinfo=UTC), datetime(2026, 3, 8, 9, 58, tzinfo=UTC)):
        night.clock.at = at
        night.sweep()
        assert night.heard() == []
    night.clock.at = datetime(2026, 3, 8, 9, 59, tzinfo=UTC)
    night.sweep()
    assert night.kinds() == [f"released {route} RED"]
    night.operator().unsilence(night.operator().silences(night.clock.at)[0].silence_id, "ana", night.clock.at)


SCHEDULE = Routing(
    routes=(
        Route(
            match=Selector(light=(Light.RED,)),
            receivers=("default",),
            repeat=timedelta(minutes=30),
            escalate=(Escalation(timedelta(minutes=15), "duty-manager"),),
        ),
    )
)


def test_a_red_nobody_acknowledges_escalates_and_repeats_till_somebody_does(night: Night) -> None:
    night.routing = SCHEDULE
    route = f"{airport()}-{airport()}"
    night.process(night.rows(9, [route]))
    night.process(night.rows(4, [route], 1))
    assert night.kinds() == [f"alert {route} RED"]
    night.sweep(14)
    assert night.heard() == []
    night.sweep(2)
    (escalation,) = night.heard()
    assert (escalation["kind"], escalation["audience"]) == ("escalation", ["duty-manager"])
    night.sweep(30)
    assert night.kinds() == [f"repeat {route} RED"]
    operator = night.operator()
    (key,) = operator.targets(None, ("route", route), None)
    operator.acknowledge(key, "ana", "on it", night.clock.at)
    night.sweep(300)
    assert night.heard() == []
    night.process(night.rows(9, [route]))
    assert night.kinds() == [f"alert {route} GREEN"], "the recovery is told"
    assert night.decisions(route) == [
        "log",
        "send",
        "sent",
        "escalation",
        "sent",
        "repeat",
        "sent",
        "acknowledged",
        "send",
        "sent",
    ]


def test_a_snooze_ends_with_the_alarm_told_again(night: Night) -> None:
    night.routing = SCHEDULE
    route = f"{airport()}-{airport()}"
    night.process(night.rows(9, [route]))
    night.process(night.rows(4, [route], 1))
    night.heard()
    operator = night.operator()
    (key,) = operator.targets(None, ("route", route), None)
    operator.snooze(key, timedelta(hours=2), "ana", "after the shift", night.clock.at)
    night.sweep(110)
    assert night.heard() == []
    night.sweep(11)
    assert night.kinds() == [f"released {route} RED"]


def test_silence_of_all_inputs_turns_lights_grey_and_is_told_once(night: Night) -> None:
    night.rules = catalog(rule(max_age=timedelta(minutes=15)))
    night.settings["silence_grace_minutes"] = 10
    routes = network(6)
    night.process(night.rows(9, routes))
    night.process(night.rows(4, routes[:1], 1))
    night.heard()
    night.sweep(9)
    assert night.heard() == []
    night.sweep(2)
    (outage,) = night.heard()
    assert outage["kind"] == "outage"
    night.sweep(5)
    (summary,) = night.heard()
    assert (summary["kind"], summary["group"]["cause"]) == ("summary", "no rows")
    assert summary["group"]["lights"]["GREY"] >= 6
    assert night.worst(routes[0]) == "GREY"
    night.sweep(5)
    assert night.heard() == []
    night.process(night.rows(9, routes))
    night.sweep()
    assert [one["kind"] for one in night.heard()] == ["outage over"]
    night.sweep()
    assert night.heard() == []


def test_a_day_of_old_rows_notifies_nobody(night: Night) -> None:
    night.settings["alert_age_limit_minutes"] = 60
    route = f"{airport()}-{airport()}"
    rows = [one for hour in range(24) for one in night.rows(4 if hour % 2 else 9, [route], 60 * hour - 48 * 60)]
    night.process(rows)
    night.process(rows)
    for _ in range(3):
        night.sweep(10)
    assert night.heard() == []
    assert set(night.decisions(route)) == {"log", "hold"}


def test_a_red_that_came_too_late_is_told_once_the_rows_have_caught_up(night: Night) -> None:
    night.settings["alert_age_limit_minutes"] = 60
    route = f"{airport()}-{airport()}"
    night.process(night.rows(9, [route], -200))
    night.process(night.rows(4, [route], -120))
    night.sweep()
    assert night.heard() == []
    night.process(night.rows(4, [route]))
    night.sweep()
    assert night.kinds() == [f"released {route} RED"]


def test_a_correction_that_leaves_the_light_is_noted_and_makes_no_second_alarm(night: Night) -> None:
    route = f"{airport()}-{airport()}"
    night.process(night.rows(9, [route]))
    night.process(night.rows(4, [route], 1))
    night.process(night.rows(5, [route], 1, revision=1))
    assert night.kinds() == [f"alert {route} RED"]
    assert night.decisions(route) == ["log", "send", "sent", "amended"]
    assert "revision 1" in night.log(route)[-1].decisions[-1][2]


def test_a_correction_that_changes_the_light_says_that_it_amends(night: Night) -> None:
    route = f"{airport()}-{airport()}"
    night.process(night.rows(9, [route]))
    night.process(night.rows(4, [route], 1))
    night.process(night.rows(9, [route], 1, revision=1))
    first_one, second = night.heard()
    assert (first_one["kind"], second["kind"]) == ("alert", "amendment")
    assert "(amended)" in second["subject"]
    assert "revision 1" in second["text"]
    assert "revisión 1" in second["text_es"]
