"""A tactical problem as a choice among lines: what each aircraft may fly for the rest of the day, leg after leg."""

from collections.abc import Iterator
from typing import NamedTuple

from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Terms
from optimizer.mip.selection import Column, Row, Selection
from optimizer.tactical.problem import (
    Aircraft,
    Connection,
    Curfew,
    Flown,
    Leg,
    TacticalProblem,
    cancelled_terms,
    flown_terms,
    missed_terms,
)


class Line(NamedTuple):
    """What one aircraft flies, and where it stands afterwards."""

    aircraft: Aircraft
    flown: tuple[Flown, ...]
    stands: str
    terms: Terms


class Lines(NamedTuple):
    """The columns of a selection: lines first, then cancelled legs, then missed connections."""

    lines: tuple[Line, ...]
    cancelled: tuple[Leg, ...]
    missed: tuple[Connection, ...]
    selection: Selection
    as_planned: tuple[int, ...] | None
    """Everybody flies what was planned, as soon as possible, and what cannot be flown so is cancelled; None if that
    breaks a row."""


def lines_of(problem: TacticalProblem) -> Lines:
    """All lines of all aircraft, and the rows that bind them."""
    lines = tuple(line for aircraft in problem.aircraft for line in _lines_of(problem, aircraft))
    cancelled = tuple(leg for leg in problem.legs if not leg.must_fly)
    rows = _Rows(problem, lines)
    columns = [Column(line.terms.total, rows.of_line(line)) for line in lines]
    columns += [Column(cancelled_terms(problem, leg).total, rows.of_cancelled(leg)) for leg in cancelled]
    columns += [Column(missed_terms(problem, one).total, rows.of_missed(one)) for one in problem.connections]
    selection = Selection(tuple(columns), tuple(rows.rows))
    return Lines(lines, cancelled, problem.connections, selection, _as_planned(problem, lines, cancelled, selection))


def closed_until(curfews: tuple[Curfew, ...], airport: str, minute: int) -> int | None:
    """When the curfew ends in which that minute lies, if it lies in one."""
    ends = [
        one.until_minute for one in curfews if one.airport == airport and one.from_minute <= minute < one.until_minute
    ]
    return max(ends, default=None)


def _lines_of(problem: TacticalProblem, aircraft: Aircraft) -> Iterator[Line]:
    """The empty one too. Depth first; a leg is tried again with each minute it may leave at."""
    legs = sorted(problem.legs, key=lambda leg: (leg.departs_minute, leg.leg_id))
    kind = fleet()[aircraft.designator]

    def further(flown: tuple[Flown, ...], at: str, ready: int, crew: int, terms: Terms) -> Iterator[Line]:
        yield Line(aircraft, flown, at, terms)
        if len(flown) == problem.longest_line_legs:
            return
        taken = {one.leg_id for one in flown}
        for leg in legs:
            if leg.leg_id in taken or leg.origin != at or leg.family not in (None, kind.family):
                continue
            if leg.distance_km > kind.range_km or leg.block_minutes > crew:
                continue
            for minute in departures(problem, leg, ready):
                late = minute - leg.departs_minute
                yield from further(
                    (*flown, Flown(minute, leg.leg_id, aircraft.tail)),
                    leg.back,
                    leg.back_minute + late + leg.turnaround_minutes,
                    crew - leg.block_minutes,
                    terms + flown_terms(problem, leg, aircraft, late),
                )

    yield from further((), aircraft.airport, aircraft.ready_minute, aircraft.crew_minutes, Terms())


def departures(problem: TacticalProblem, leg: Leg, ready_minute: int) -> list[int]:
    """The minutes at which an aircraft that is ready then may leave for the leg."""
    earliest = max(leg.departs_minute, ready_minute)
    held = {leg.departs_minute + hold for hold in problem.hold_minutes}
    latest = leg.departs_minute + problem.longest_delay_minutes
    return [
        minute for minute in sorted({earliest, *held}) if earliest <= minute <= latest and _open(problem, leg, minute)
    ]


def _open(problem: TacticalProblem, leg: Leg, minute: int) -> bool:
    late = minute - leg.departs_minute
    there = [(leg.origin, minute), (leg.destination, leg.arrives_minute + late), (leg.back, leg.back_minute + late)]
    return all(closed_until(problem.curfews, airport, at) is None for airport, at in there)


class _Rows:
    """What binds lines together, and what each column uses of it."""

    def __init__(self, problem: TacticalProblem, lines: tuple[Line, ...]) -> None:
        self._legs = {leg.leg_id: leg for leg in problem.legs}
        self.rows: list[Row] = []
        self._of_leg = {leg.leg_id: self._add(f"{leg.leg_id} is flown or cancelled once", 1, 1) for leg in problem.legs}
        self._of_tail = {one.tail: self._add(f"{one.tail} flies one line", 1, 1) for one in problem.aircraft}
        self._slots = [
            (
                one,
                self._add(
                    f"{one.airport} has {one.departures} slots from minute {one.from_minute}", None, one.departures
                ),
            )
            for one in problem.slots
        ]
        self._overnight = [
            (one, self._add(f"{one.aircraft} {one.designator} stay at {one.airport} overnight", one.aircraft, None))
            for one in problem.overnight
        ]
        # Missed unless, for each minute the onward leg may leave at, it leaves later or the inbound one is in time
        # for it.
        self._changes = [
            (one, minute, self._add(f"{one.inbound} to {one.onward}: in time for minute {minute}", None, 1))
            for one in problem.connections
            for minute in sorted({f.departs_minute for line in lines for f in line.flown if f.leg_id == one.onward})
        ]
        self._gone = [
            (one, end, self._add(f"{one.inbound} to {one.onward}: {end} flies", None, 0))
            for one in problem.connections
            for end in (one.inbound, one.onward)
        ]

    def of_line(self, line: Line) -> tuple[tuple[int, int], ...]:
        uses = [(self._of_tail[line.aircraft.tail], 1)]
        uses += [(self._of_leg[one.leg_id], 1) for one in line.flown]
        for slots, row in self._slots:
            within = [
                one
                for one in line.flown
                if self._legs[one.leg_id].origin == slots.airport
                and slots.from_minute <= one.departs_minute < slots.until_minute
            ]
            if within:
                uses.append((row, len(within)))
        for stay, row in self._overnight:
            if (line.stands, line.aircraft.designator) == (stay.airport, stay.designator):
                uses.append((row, 1))
        at = {one.leg_id: one.departs_minute for one in line.flown}
        for connection, minute, row in self._changes:
            too_late = connection.inbound in at and not self._in_time(connection, at[connection.inbound], minute)
            gone = connection.onward in at and at[connection.onward] <= minute
            if too_late or gone:
                uses.append((row, too_late + gone))
        return tuple(uses)

    def of_cancelled(self, leg: Leg) -> tuple[tuple[int, int], ...]:
        gone = [(row, 1) for _, end, row in self._gone if end == leg.leg_id]
        return ((self._of_leg[leg.leg_id], 1), *gone)

    def of_missed(self, connection: Connection) -> tuple[tuple[int, int], ...]:
        rows = [row for one, _, row in self._changes if one == connection]
        rows += [row for one, _, row in self._gone if one == connection]
        return tuple((row, -1) for row in rows)

    def _in_time(self, connection: Connection, departs: int, onward: int) -> bool:
        leg = self._legs[connection.inbound]
        return leg.arrives_minute + departs - leg.departs_minute + connection.minimum_minutes <= onward

    def _add(self, name: str, least: int | None, most: int | None) -> int:
        self.rows.append(Row(name, least, most))
        return len(self.rows) - 1


def _as_planned(
    problem: TacticalProblem, lines: tuple[Line, ...], cancelled: tuple[Leg, ...], selection: Selection
) -> tuple[int, ...] | None:
    """Each aircraft's line that flies most of what is planned for it, none held."""
    best: dict[str, int] = {}
    for place, line in enumerate(lines):
        tail = line.aircraft.tail
        if any(problem.planned.get(one.leg_id) != tail for one in line.flown):
            continue
        if tail not in best or _worth(line) > _worth(lines[best[tail]]):
            best[tail] = place
    flown = {one.leg_id for place in best.values() for one in lines[place].flown}
    chosen = list(best.values())
    chosen += [len(lines) + place for place, leg in enumerate(cancelled) if leg.leg_id not in flown]
    first_missed = len(lines) + len(cancelled)
    for place in range(len(problem.connections)):
        if set(selection.broken(tuple(chosen))) & _named(selection, first_missed + place):
            chosen.append(first_missed + place)
    return None if selection.broken(tuple(chosen)) else tuple(sorted(chosen))


def _worth(line: Line) -> tuple[int, int]:
    return len(line.flown), -sum(one.departs_minute for one in line.flown)


def _named(selection: Selection, column: int) -> set[str]:
    return {selection.rows[row].name for row, _ in selection.columns[column].uses}
