"""Which alarms have one cause: pure. A route's trouble is that of an airport, of its carrier, or of the network.

All that is counted stands in one document of the stage, not in one per cause: whether a route belongs to an airport's
storm or to the network's must be one decision, or a network's bad night becomes one summary per airport. It is written
only when an alarm is counted or a storm begins; alarms that join a storm write to their own entries.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.documents import Key
from alerts.settings import AlertSettings

CAUSES_KEY: Final = Key("causes", "stage")
NETWORK: Final = "network"
SHARE_OF_ONE: Final = 0.8
"""Of the alarms: what one airport has to explain for the trouble to be its own and not the network's."""
MOST_REMEMBERED: Final = 100
"""Alarms that stand alone: with the thresholds as they are there are never so many in a window. 100 are 9 KB, and the
document is written with each alarm that goes out alone."""
REFRESH_SHARE: Final = 4
"""A storm's `joined_at` is written again after a quarter of the window, not at each of two hundred alarms."""


class Alarm(msgspec.Struct, frozen=True, array_like=True):
    """One alarm that is counted; `at` is event time. `carriers`: the one who flies the route alone, if one does."""

    alert_id: str
    entity: str
    airports: tuple[str, ...]
    at: datetime
    carriers: tuple[str, ...] = ()


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms with one cause: "airport JFK", "carrier B6" or "network". New ones join while it is not longer than the
    window ago that the last one did. `absorbed`: storms that turned out to be the network's before anybody was told."""

    storm_id: str
    cause: str
    airport: str
    began_at: datetime
    joined_at: datetime
    due_at: datetime
    absorbed: tuple[str, ...] = ()
    carrier: str = ""

    def takes(self, alarm: Alarm, window: timedelta) -> bool:
        """Whether the alarm is one of its."""
        own = (not self.airport or self.airport in alarm.airports) and (
            not self.carrier or self.carrier in alarm.carriers
        )
        return abs(alarm.at - self.joined_at) <= window and own

    @property
    def whole(self) -> bool:
        """Whether it is the network's."""
        return not self.airport and not self.carrier


class Causes(msgspec.Struct, frozen=True):
    """The alarms of the last minutes that went out alone, and the storms that go on or are still to be told of."""

    recent: tuple[Alarm, ...] = ()
    storms: tuple[Storm, ...] = ()


def assign(
    causes: Causes, alarms: Sequence[Alarm], settings: AlertSettings, now: datetime
) -> tuple[Causes, dict[str, Storm]]:
    """The causes after these alarms of one batch, and the storm of each alarm that has one, by alert id.

    The others stand alone and go out at once. The same alarm again (a batch that is delivered twice) counts once.
    """
    window = timedelta(minutes=settings.storm_window_minutes)
    found: dict[str, Storm] = {}
    storms = list(causes.storms)
    for alarm in alarms:
        if storm := _storm_for(storms, alarm, window):
            found[alarm.alert_id] = storm
    free = [alarm for alarm in alarms if alarm.alert_id not in found]
    while free and (storm := _begins(causes.recent, storms, free, settings, now)):
        storms = [one for one in storms if one.storm_id not in storm.absorbed] + [storm]
        for alarm in alarms:
            current = found.get(alarm.alert_id)
            if storm.takes(alarm, window) and (current is None or current.storm_id in storm.absorbed):
                found[alarm.alert_id] = storm
        free = [alarm for alarm in free if alarm.alert_id not in found]
    storms = [_refreshed(one, alarms, found, window) for one in storms]
    return Causes(_remembered(causes.recent, free, window), tuple(storms)), found


def _storm_for(storms: Sequence[Storm], alarm: Alarm, window: timedelta) -> Storm | None:
    """The network's before an airport's before a carrier's."""
    mine = (one for one in storms if one.takes(alarm, window))
    return min(mine, key=lambda one: (one.carrier, one.airport), default=None)


def _begins(
    recent: Sequence[Alarm],
    storms: Sequence[Storm],
    free: Sequence[Alarm],
    settings: AlertSettings,
    now: datetime,
) -> Storm | None:
    """The storm that the alarms without one make, together with those of the last minutes."""
    window = timedelta(minutes=settings.storm_window_minutes)
    near = max(alarm.at for alarm in free)
    counted = {one.entity: one for one in (*recent, *free) if abs(one.at - near) <= window}
    airport, of_airport = _most(counted.values(), free, lambda one: one.airports)
    carrier, of_carrier = _most(counted.values(), free, lambda one: one.carriers)
    open_now = [one for one in storms if not one.whole and abs(near - one.joined_at) <= window]
    # Another one's storm at the same time counts for as many routes as it took to begin it.
    known = {name for one in free for name in (*one.airports, *one.carriers)}
    elsewhere = sum(settings.storm_routes for one in open_now if (one.airport or one.carrier) not in known)
    whole = len(counted) + elsewhere
    is_network = 0 < settings.storm_network_routes <= whole
    enough = max(settings.storm_routes, SHARE_OF_ONE * whole if is_network else 0)
    if settings.storm_routes > 0 and of_airport >= enough:
        return _storm(near, settings, now, airport=airport)
    if settings.storm_routes > 0 and of_carrier >= enough:
        return _storm(near, settings, now, carrier=carrier)
    if is_network and max(of_airport, of_carrier) < SHARE_OF_ONE * whole:
        return _storm(near, settings, now, absorbed=tuple(one.storm_id for one in open_now if one.due_at > now))
    return None


def _most(
    counted: Iterable[Alarm], free: Iterable[Alarm], names_of: Callable[[Alarm], tuple[str, ...]]
) -> tuple[str, int]:
    """The airport or carrier, of one of the free alarms, that most alarms are of, and how many; the last by name."""
    of_free = {name for one in free for name in names_of(one)}
    counts = Counter(name for one in counted for name in names_of(one) if name in of_free)
    return max(counts.items(), key=lambda one: (one[1], one[0]), default=("", 0))


def _storm(
    at: datetime,
    settings: AlertSettings,
    now: datetime,
    *,
    airport: str = "",
    carrier: str = "",
    absorbed: tuple[str, ...] = (),
) -> Storm:
    cause = f"airport {airport}" if airport else f"carrier {carrier}" if carrier else NETWORK
    return Storm(
        storm_id=f"{airport or carrier or NETWORK}-{now:%Y%m%dT%H%M%S%f}"[:-3],
        cause=cause,
        airport=airport,
        carrier=carrier,
        began_at=now,
        joined_at=at,
        due_at=now + timedelta(seconds=settings.storm_settle_seconds),
        absorbed=absorbed,
    )


def _refreshed(storm: Storm, alarms: Iterable[Alarm], found: dict[str, Storm], window: timedelta) -> Storm:
    joined = [one.at for one in alarms if one.alert_id in found and found[one.alert_id].storm_id == storm.storm_id]
    newest = max(joined, default=storm.joined_at)
    return (
        msgspec.structs.replace(storm, joined_at=newest) if newest - storm.joined_at > window / REFRESH_SHARE else storm
    )


def _remembered(recent: Sequence[Alarm], free: Sequence[Alarm], window: timedelta) -> tuple[Alarm, ...]:
    if not free:
        return tuple(recent)
    known = {one.alert_id: one for one in (*recent, *free)}
    newest = max(one.at for one in known.values())
    kept = sorted((one for one in known.values() if newest - one.at <= window), key=lambda one: one.at)
    return tuple(kept[-MOST_REMEMBERED:])
