"""What the flights table alone says of flights that have not left: their aircraft, and how their airport, carrier and
route fare just now.

Nothing in it is a name, so that it holds on another network: an hour of the day is local, the rest counts flights. The
model is fitted to these very features, worked out by these very lines.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from optimizer.live.flight import LiveFlight, Rotations

AHEAD_MINUTES: Final = 8 * 60
"""Nobody was asked about later flights when the model was fitted."""
LATE_MINUTES: Final = 15
LONGEST_MINUTES: Final = 180
EARLIEST_MINUTES: Final = -400
SOON_MINUTES: Final = 3 * 60
SPANS: Final = {"1h": 60, "3h": SOON_MINUTES, "6h": 6 * 60}
_DAY: Final = 24 * 60
_MONDAY: Final = 4 * _DAY  # the epoch was a Thursday

TAIL_FEATURES: Final = ("leg_carries_over", "leg_late", "leg_progress", "leg_gap")
FEATURES: Final = (
    *("lead", "overdue", "minute_of_day", "weekday", "block", "distance_km", "seats", "leave_around"),
    *TAIL_FEATURES,
    *(f"airport_{what}_{span}" for span in SPANS for what in ("late", "share", "cancelled")),
    *("airport_due_1h", "airport_waiting", "airport_waiting_minutes"),
    *("carrier_late_3h", "carrier_share_3h", "carrier_cancelled_3h", "carrier_waiting"),
    *("route_late_6h", "route_share_6h"),
    *("landed_late_3h", "landed_share_3h", "route_landed_late_6h"),
)


def offset_minutes_of(zone: str, at_minute: int) -> int:
    """Local time less UTC in an IANA zone, at a minute since the epoch."""
    offset = datetime.fromtimestamp(60 * at_minute, tz=ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset else 0


class Asked(NamedTuple):
    """A flight and its FEATURES."""

    flight: LiveFlight
    features: tuple[float, ...]


class Fared(NamedTuple):
    """Of flights that were due: how many, minutes late in all, how many LATE_MINUTES late or cancelled, cancelled."""

    flights: int = 0
    minutes: float = 0.0
    late: int = 0
    cancelled: int = 0

    def with_one(self, minutes: float, cancelled: bool) -> "Fared":
        """One more."""
        late = cancelled or minutes >= LATE_MINUTES
        return Fared(self.flights + 1, self.minutes + minutes, self.late + late, self.cancelled + cancelled)

    @property
    def means(self) -> tuple[float, float, float]:
        """Minutes late, the share late, the share cancelled; as if one more had been on time."""
        count = self.flights + 1
        return self.minutes / count, self.late / count, self.cancelled / count


_NOTHING: Final = Fared()


class Moment(NamedTuple):
    """How an airport fares: its departures by span, carrier and destination, its flights that landed, those that wait
    and how long in all."""

    airport: dict[str, Fared]
    carriers: dict[str, Fared]
    routes: dict[str, Fared]
    landed: Fared
    landed_routes: dict[str, Fared]
    waiting: dict[str, int]
    waiting_minutes: int


def asked(
    flights: Sequence[LiveFlight],
    airport: str,
    at_minute: int,
    offset_minutes: int,
    only: Container[str] | None = None,
) -> Iterator[Asked]:
    """Of each flight that leaves the airport within AHEAD_MINUTES and has not left, in order of schedule; or `only` of
    these ids. `flights` are as known at that minute, those that flew there before among them; `offset_minutes` is local
    time less UTC."""
    here = sorted(
        (one for one in flights if one.origin == airport), key=lambda one: (one.departs_minute, one.flight_id)
    )
    moment, rotations = moment_of(here, at_minute), Rotations(flights, at_minute)
    leave = [one.departs_minute for one in here]
    with_tail: dict[tuple[str, str], LiveFlight] = {}
    for one in here:
        route = one.carrier, one.destination
        if one.tail is not None:
            with_tail[route] = one
        open_still = one.flies and one.departed_minute is None and one.departs_minute <= at_minute + AHEAD_MINUTES
        if open_still and (only is None or one.flight_id in only):
            # Who has no aircraft yet is given what the flight before it on its route knew of its own: in the data that
            # a model learns from, a missing tail tells that the flight will be cancelled.
            legs = _of_aircraft(with_tail.get(route), rotations, at_minute)
            yield Asked(one, (*_planned(one, at_minute, offset_minutes, leave), *legs, *_now(one, moment)))


def moment_of(here: Sequence[LiveFlight], at_minute: int) -> Moment:
    """Of the flights that leave one airport."""
    airport = dict.fromkeys(SPANS, _NOTHING)
    carriers: dict[str, Fared] = {}
    routes: dict[str, Fared] = {}
    landed, landed_routes = _NOTHING, dict[str, Fared]()
    waiting: dict[str, int] = {}
    waiting_minutes = 0
    for one in here:
        due = at_minute - one.departs_minute
        if one.arrived_minute is not None and at_minute - one.arrived_minute <= SPANS["6h"]:
            late_in = float(min(max(one.arrived_minute - one.arrives_minute, 0), LONGEST_MINUTES))
            route = landed_routes.get(one.destination, _NOTHING)
            landed_routes[one.destination] = route.with_one(late_in, cancelled=False)
            if at_minute - one.arrived_minute <= SOON_MINUTES:
                landed = landed.with_one(late_in, cancelled=False)
        if not 0 <= due <= SPANS["6h"]:
            continue
        left = at_minute if one.departed_minute is None else one.departed_minute
        late = float(min(max(left - one.departs_minute, 0), LONGEST_MINUTES)) if one.flies else 0.0
        for span, minutes in SPANS.items():
            if due <= minutes:
                airport[span] = airport[span].with_one(late, not one.flies)
        routes[one.destination] = routes.get(one.destination, _NOTHING).with_one(late, not one.flies)
        if due <= SOON_MINUTES:
            carriers[one.carrier] = carriers.get(one.carrier, _NOTHING).with_one(late, not one.flies)
        if one.flies and one.departed_minute is None:
            waiting[one.carrier] = waiting.get(one.carrier, 0) + 1
            waiting_minutes += due
    return Moment(airport, carriers, routes, landed, landed_routes, waiting, waiting_minutes)


def _planned(one: LiveFlight, at_minute: int, offset_minutes: int, leave: list[int]) -> tuple[float, ...]:
    local = one.departs_minute + offset_minutes
    around = bisect_right(leave, one.departs_minute + 30) - bisect_left(leave, one.departs_minute - 30)
    return (
        float(max(one.departs_minute - at_minute, 0)),
        float(max(at_minute - one.departs_minute, 0)),
        float(local % _DAY),
        float((local - _MONDAY) // _DAY % 7),
        float(one.arrives_minute - one.departs_minute),
        float(one.distance_km),
        float(one.seats),
        float(around),
    )


def _of_aircraft(one: LiveFlight | None, rotations: Rotations, at_minute: int) -> tuple[float, ...]:
    leg = rotations.before(one) if one is not None else None
    if one is None or leg is None:
        return float(EARLIEST_MINUTES), 0.0, -1.0, float(_DAY)
    carries = min(max(rotations.ready(one) - one.departs_minute, EARLIEST_MINUTES), 300)
    if leg.arrived_minute is not None:
        late, progress = leg.arrived_minute - leg.arrives_minute, 2.0
    elif leg.departed_minute is not None:
        late, progress = leg.departed_minute - leg.departs_minute, 1.0
    else:
        late, progress = at_minute - leg.departs_minute, 0.0
    gap = min(one.departs_minute - leg.arrives_minute, _DAY)
    return float(carries), float(min(max(late, -60), 300)), progress, float(gap)


def _now(one: LiveFlight, moment: Moment) -> tuple[float, ...]:
    carrier = moment.carriers.get(one.carrier, _NOTHING)
    route = moment.routes.get(one.destination, _NOTHING)
    waiting = sum(moment.waiting.values())
    return (
        *(mean for span in SPANS for mean in moment.airport[span].means),
        float(moment.airport["1h"].flights),
        float(waiting),
        moment.waiting_minutes / max(waiting, 1),
        *carrier.means,
        float(moment.waiting.get(one.carrier, 0)),
        *route.means[:2],
        *moment.landed.means[:2],
        moment.landed_routes.get(one.destination, _NOTHING).means[0],
    )
