"""Whether an answer keeps what the problem asks: worked out leg by leg from the answer, by nothing that found it."""

from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Terms
from optimizer.tactical.problem import Flown, TacticalProblem, cancelled_terms, flown_terms, missed_terms


def broken_by(problem: TacticalProblem, flown: tuple[Flown, ...], cancelled: tuple[str, ...]) -> list[str]:
    """What the answer breaks, in words; nothing if it may be flown."""
    legs = {leg.leg_id: leg for leg in problem.legs}
    found = [f"{one} is decided {count} times" for one, count in _counts(problem, flown, cancelled) if count != 1]
    found += [f"{one} must fly" for one in cancelled if legs[one].must_fly]
    for aircraft in problem.aircraft:
        at, ready, block = aircraft.airport, aircraft.ready_minute, 0
        mine = sorted(one for one in flown if one.tail == aircraft.tail)
        for one in mine:
            leg = legs[one.leg_id]
            late = one.departs_minute - leg.departs_minute
            if leg.origin != at:
                found.append(f"{aircraft.tail} is at {at}, {leg.leg_id} leaves from {leg.origin}")
            if one.departs_minute < max(ready, leg.departs_minute):
                found.append(f"{aircraft.tail} leaves for {leg.leg_id} before it is ready or scheduled")
            if one.departs_minute > max(ready, leg.departs_minute) and late not in problem.hold_minutes:
                found.append(f"{leg.leg_id} is held for {late} minutes")
            if late > problem.longest_delay_minutes:
                found.append(f"{leg.leg_id} is {late} minutes late")
            if leg.distance_km > fleet()[aircraft.designator].range_km:
                found.append(f"{aircraft.tail} cannot reach {leg.destination}")
            if leg.family not in (None, fleet()[aircraft.designator].family):
                found.append(f"the crew of {leg.leg_id} cannot fly {aircraft.tail}")
            block += leg.block_minutes
            at, ready = leg.back, leg.back_minute + late + leg.turnaround_minutes
        if block > aircraft.crew_minutes:
            found.append(f"the crew of {aircraft.tail} flies {block} minutes")
        if len(mine) > problem.longest_line_legs:
            found.append(f"{aircraft.tail} flies {len(mine)} legs")
    return found + _at_airports(problem, flown)


def terms_of(problem: TacticalProblem, flown: tuple[Flown, ...], cancelled: tuple[str, ...]) -> Terms:
    """What the answer costs."""
    legs = {leg.leg_id: leg for leg in problem.legs}
    tails = {one.tail: one for one in problem.aircraft}
    total = Terms()
    for one in flown:
        leg = legs[one.leg_id]
        total += flown_terms(problem, leg, tails[one.tail], one.departs_minute - leg.departs_minute)
    for leg_id in cancelled:
        total += cancelled_terms(problem, legs[leg_id])
    for connection in missed_connections(problem, flown):
        total += missed_terms(problem, problem.connections[connection])
    return total


def missed_connections(problem: TacticalProblem, flown: tuple[Flown, ...]) -> list[int]:
    """The places of connections that nobody makes."""
    legs = {leg.leg_id: leg for leg in problem.legs}
    at = {one.leg_id: one.departs_minute for one in flown}
    missed = []
    for place, one in enumerate(problem.connections):
        if one.inbound in at and one.onward in at:
            leg = legs[one.inbound]
            lands = leg.arrives_minute + at[one.inbound] - leg.departs_minute
            if lands + one.minimum_minutes <= at[one.onward]:
                continue
        missed.append(place)
    return missed


def _counts(problem: TacticalProblem, flown: tuple[Flown, ...], cancelled: tuple[str, ...]) -> list[tuple[str, int]]:
    decided = [one.leg_id for one in flown] + list(cancelled)
    return [(leg.leg_id, decided.count(leg.leg_id)) for leg in problem.legs]


def _at_airports(problem: TacticalProblem, flown: tuple[Flown, ...]) -> list[str]:
    """Slots, curfews, and who stands where when the day is over."""
    legs = {leg.leg_id: leg for leg in problem.legs}
    found: list[str] = []
    movements: list[tuple[str, int]] = []
    stands = {one.tail: one.airport for one in problem.aircraft}
    for one in sorted(flown):
        leg = legs[one.leg_id]
        late = one.departs_minute - leg.departs_minute
        movements += [(leg.origin, one.departs_minute), (leg.destination, leg.arrives_minute + late)]
        movements.append((leg.back, leg.back_minute + late))
        stands[one.tail] = leg.back
    found += [
        f"somebody moves at {curfew.airport} in its curfew"
        for curfew in problem.curfews
        if any(a == curfew.airport and curfew.from_minute <= at < curfew.until_minute for a, at in movements)
    ]
    for slots in problem.slots:
        leave = [one.departs_minute for one in flown if legs[one.leg_id].origin == slots.airport]
        used = sum(slots.from_minute <= at < slots.until_minute for at in leave)
        if used > slots.departures:
            found.append(f"{used} leave {slots.airport} from minute {slots.from_minute}")
    for stay in problem.overnight:
        there = [
            one for one in problem.aircraft if one.designator == stay.designator and stands[one.tail] == stay.airport
        ]
        if len(there) < stay.aircraft:
            found.append(f"{len(there)} {stay.designator} stay at {stay.airport}")
    return found
