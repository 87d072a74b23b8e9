"""What pooled evidence (`pooled.py`) weighs: the features of a flight ahead, and of the 24 hours around now."""

import math
from cmath import phase
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from rules.recent import HOURS, Counts, spans, turn
from schemas.lights import Part, Recent
from schemas.measures import POSITION
from schemas.rows import KpiRow, Scope, Window, ends_of

Before = Literal["3h before"]
BEFORE: Final[Before] = "3h before"
ContextKey = tuple[Scope, str, Window | Before]
Context = Mapping[ContextKey, KpiRow]
"""The newest rows of the route's airports and carrier, and its own of other windows, by `KpiRow.key`; as BEFORE what
an airport's 3 h were two hours before (`earlier.py`)."""

OWN_FLIGHTS_OF_PRIOR: Final = 3.0
WEEK_FLIGHTS_OF_PRIOR: Final = 5.0
BASE_FLIGHTS_OF_PRIOR: Final = 10.0
AIRPORT_FLIGHTS_OF_PRIOR: Final = 5.0
"""How many flights' weight the typical share has against those seen."""

DAYS_OF_MONTH: Final = 28
HALF_DAY: Final = 12
DEPARTING_HOURS: Final = 3
QUARTER_DAY: Final = 6
SOON_HOURS: Final = 3
_SPANS: Final = (DEPARTING_HOURS, QUARTER_DAY, HALF_DAY, 24 - QUARTER_DAY, 24 - SOON_HOURS)

AIRPORT_FEATURES: Final = frozenset({"departures", "cancellations"})
MISS_FEATURES: Final = ("base", "own", "departing", *sorted(AIRPORT_FEATURES, reverse=True))
AT_AIRPORT: Final = ("departures", "cancellations", "misses", "delay")
RISING: Final = tuple(f"{name}_rise" for name in AT_AIRPORT[:3])
COUNTS: Final = ("left", "flights", "recent_flights", "coming", "coming_soon", "ahead", "usual")
DAYTIME: Final = ("midday", "evening", "since_midday")
NO_MIDDLE: Final = 3e-5
"""Flights: hands that point everywhere add up to what rounding leaves, which points anywhere."""
EITHER_WAY: Final = frozenset({*COUNTS, *DAYTIME})
"""More flights, or a later hour, may speak for either side; all other features of the risk speak for the bad one."""

RISK_FEATURES: Final = (
    "missing", "firmly", "firmly_usual",
    "base", "week", "own", "own_half_day", "own_quarter_day", "missed", "departing", "left_late",
    *COUNTS, *DAYTIME,
    *(f"{end}_{name}" for end in ("origin", "destination") for name in (*AT_AIRPORT, *RISING)),
)  # fmt: skip

_FLIGHTS: Final = POSITION["flights"]
_ON_TIME: Final = POSITION["arrivals_on_time"]
_CANCELLED: Final = POSITION["cancelled"]
_DEPARTURES: Final = POSITION["departures"]
_DEPARTED_ON_TIME: Final = POSITION["departures_on_time"]
_DEPARTURE_DELAY: Final = POSITION["departure_delay_minutes"]
_NOTHING: Final = (0,) * len(POSITION)


class Pool(NamedTuple):
    """What goes into the risk; None where nothing is known."""

    own: KpiRow
    week: KpiRow | None
    month: KpiRow | None
    airports: tuple[tuple[str, KpiRow | None], ...]
    before: tuple[KpiRow | None, ...]
    """The airports two hours earlier."""
    spans: tuple[Counts, ...]
    """Of the route, by _SPANS: flights, those of them that missed, departures, those of them that were late."""
    turn: complex
    """Of the route's day (`recent.py`)."""

    @property
    def past(self) -> tuple[float, float]:
        """The route's flights of the last twelve hours, and those of them that missed: never less than none."""
        return _flights(self.spans[_SPANS.index(HALF_DAY)])

    def parts(self) -> tuple[Part, ...]:
        """Flights on time of all that closed: the route's of 12 hours, its airports' of three."""
        flights, missed = self.past
        neighbours = ((code, row.measures if row else _NOTHING) for code, row in self.airports)
        return (
            Part(self.own.entity, HALF_DAY, round(flights) - round(missed), round(flights)),
            *(Part(code, 3, here[_ON_TIME], here[_FLIGHTS]) for code, here in neighbours),
        )


def pool(row: KpiRow, context: Context, recent: Recent) -> Pool:
    """The rows that speak for a route's 24 h row. Whoever makes the context sees to it that none came later."""
    airports = tuple((code, context.get(("airport", code, "3h"))) for code in ends_of(row.entity))
    before = tuple(context.get(("airport", code, BEFORE)) for code, _ in airports)
    week, month = context.get(("route", row.entity, "7d")), context.get(("route", row.entity, "28d"))
    return Pool(row, week, month, airports, before, tuple(spans(recent, row.at, _SPANS)), turn(recent, row.at))


def _flights(counts: Counts) -> tuple[float, float]:
    flights = max(counts[0], 0.0)
    return flights, min(max(counts[1], 0.0), flights)


def flights_ahead(pooled: Pool) -> float:
    """Expected in the coming twelve hours: those of the last 24 that are not of the last twelve."""
    return max(pooled.own.measures[_FLIGHTS] - pooled.past[0], 0.0)


class Standing(NamedTuple):
    """What both kinds of features stand on: the share that misses on this route in 28 days, and its two airports, by
    AT_AIRPORT and RISING."""

    base: float
    origin: tuple[float, ...]
    destination: tuple[float, ...]


def standing(pooled: Pool, typical: float) -> Standing:
    """Where nothing is known, `typical` flights miss."""
    ends = [at_airport(row, before, typical) for (_, row), before in zip(pooled.airports, pooled.before, strict=True)]
    return Standing(_base(pooled, typical), ends[0], ends[-1])


def miss_features(pooled: Pool, on: Standing) -> dict[str, float]:
    """Of a flight of the coming twelve hours, by MISS_FEATURES:

    base        log odds of a miss on this route in 28 days
    own         the same of 24 hours, less `base`
    departing   log odds of a late departure in the last three hours, less `base`: known before the arrival is
    departures, cancellations
                log odds of a late departure, log share of cancelled flights: of three hours, added over both airports
    """
    base = on.base
    base_odds = _log_odds(base)
    day = pooled.own.measures
    own = _share(day[_FLIGHTS] - day[_ON_TIME], day[_FLIGHTS], base, OWN_FLIGHTS_OF_PRIOR)
    _, _, left, left_late = pooled.spans[_SPANS.index(DEPARTING_HOURS)]
    return {
        "base": base_odds,
        "own": _log_odds(own) - base_odds,
        "departing": _log_odds(_share(left_late, left, base, OWN_FLIGHTS_OF_PRIOR)) - base_odds,
        "departures": on.origin[0] + on.destination[0],
        "cancellations": on.origin[1] + on.destination[1],
    }


def risk_features(
    pooled: Pool, on: Standing, miss_of: dict[str, float], miss: float, below: float
) -> tuple[float, ...]:
    """Of the 24 hours around now, each flight ahead of which misses with log odds `miss`; by RISK_FEATURES:

    missing     `miss`
    firmly, firmly_usual
                how many standard errors the misses, those ahead at their expectation, are beyond what `below` allows;
                flights ahead as of yesterday, and as of an average day of 28
    base, own, departing
                as in `miss_features` (`miss_of`)
    week, own_half_day, own_quarter_day
                log odds of a miss in seven days, twelve and six hours, less `base`
    missed      misses of the last twelve hours; `left_late`: late departures of the last three
    left, flights, recent_flights
                departures of three hours, flights that closed in twelve and in six
    coming, coming_soon, ahead, usual
                flights expected in the coming six, three, twelve hours, all as of yesterday; on an average day of 28
    midday, evening
                of the route's day of flying, as its last 24 hours show it and no clock: how near its middle is (1: all
                closed this hour, -1: twelve hours ago), how long past (1: six hours ago, -1: eighteen, so six ahead)
    since_midday
                the same as hours since that middle, from -12 to 12
    origin_…, destination_…
                of three hours: log odds of a late departure, log share of cancelled flights, log odds of a miss,
                minutes late per departure; and `…_rise`, the first three less what they were two hours before
    """
    base, base_odds = on.base, miss_of["base"]
    three, quarter, _, since_quarter, since_soon = pooled.spans
    flights, missed = pooled.past
    quarter_flights, quarter_missed = _flights(quarter)
    day = max(pooled.own.measures[_FLIGHTS], 0)
    ahead = max(day - flights, 0.0)
    usual = max(pooled.month.measures[_FLIGHTS], 0) / DAYS_OF_MONTH if pooled.month else float(day)
    week = pooled.week.measures if pooled.week else _NOTHING
    share = share_of(miss)
    turned = pooled.turn

    def log_odds(count: float, of: float, weight: float) -> float:
        return _log_odds(_share(count, of, base, weight)) - base_odds

    return (
        miss,
        firmly(flights, missed, ahead, share, below),
        firmly(flights, missed, max(usual - flights, 0.0), share, below),
        base_odds,
        log_odds(week[_FLIGHTS] - week[_ON_TIME], week[_FLIGHTS], WEEK_FLIGHTS_OF_PRIOR),
        miss_of["own"],
        log_odds(missed, flights, OWN_FLIGHTS_OF_PRIOR),
        log_odds(quarter_missed, quarter_flights, OWN_FLIGHTS_OF_PRIOR),
        missed,
        miss_of["departing"],
        three[3],
        three[2],
        flights,
        quarter_flights,
        max(day - since_quarter[0], 0.0),
        max(day - since_soon[0], 0.0),
        ahead,
        usual,
        turned.real / (day + 1),
        turned.imag / (day + 1),
        phase(turned) * HOURS / math.tau if abs(turned) > NO_MIDDLE else 0.0,
        *on.origin,
        *on.destination,
    )


def _base(pooled: Pool, typical: float) -> float:
    if pooled.month is None:
        return typical
    month = pooled.month.measures
    return _share(month[_FLIGHTS] - month[_ON_TIME], month[_FLIGHTS], typical, BASE_FLIGHTS_OF_PRIOR)


def at_airport(row: KpiRow | None, before: KpiRow | None, typical: float) -> tuple[float, ...]:
    """All that is asked of an airport, by AT_AIRPORT and RISING; no rise where one of the rows is not known."""
    now = _at_airport(row, typical)
    if row is None or before is None:
        return *now, 0.0, 0.0, 0.0
    late, cancelled, missed, _ = _at_airport(before, typical)
    return *now, now[0] - late, now[1] - cancelled, now[2] - missed


def _at_airport(row: KpiRow | None, typical: float) -> tuple[float, float, float, float]:
    """Of three hours, by AT_AIRPORT."""
    here = row.measures if row else _NOTHING
    departures, flights = max(here[_DEPARTURES], 0), max(here[_FLIGHTS], 0)
    late = _share(departures - here[_DEPARTED_ON_TIME], departures, typical, AIRPORT_FLIGHTS_OF_PRIOR)
    cancelled = (max(here[_CANCELLED], 0) + 0.5) / (flights + 2 * AIRPORT_FLIGHTS_OF_PRIOR)
    missed = _share(flights - here[_ON_TIME], flights, typical, AIRPORT_FLIGHTS_OF_PRIOR)
    delay = max(here[_DEPARTURE_DELAY], 0) / (departures + OWN_FLIGHTS_OF_PRIOR)
    return _log_odds(late), math.log(cancelled), _log_odds(missed), delay


def firmly(flights: float, missed: float, ahead: float, share: float, below: float) -> float:
    """How many standard errors `missed` and the expected misses of `ahead` are beyond what `below` allows of all."""
    allowed, every = 1 - below / 100, flights + ahead
    return (missed + ahead * share - allowed * every) / math.sqrt(every * allowed * (1 - allowed) + 1)


def _share(count: float, of: float, typical: float, weight: float) -> float:
    """Of flights, drawn towards the typical; within (0, 1) for whatever an unmatched correction makes of the counts."""
    of = max(of, 0)
    return (min(max(count, 0), of) + weight * typical) / (of + weight)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def share_of(log_odds: float) -> float:
    """The share that these log odds are of."""
    return 1 / (1 + math.exp(-log_odds))
