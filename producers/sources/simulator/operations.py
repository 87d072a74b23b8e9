"""The airline's day as a discrete event simulation: aircraft wait for their last flight, for weather and for repair.

An event is (minute, order, aircraft): an aircraft turns to its next leg, is ready to leave, or reaches its destination.
Delay passes from leg to leg through the aircraft; a cancelled or diverted leg takes the next one with it when the
aircraft is not where it should be. Each night every aircraft is brought to where its next line begins.
"""

import heapq
from collections.abc import Callable, Sequence
from typing import Final, Literal

from producers.sources.simulator.aircraft import Aircraft, aircraft_of
from producers.sources.simulator.incidents import Incident
from producers.sources.simulator.luck import block_minutes, is_cancelled, own_delay
from producers.sources.simulator.network import FLEETS
from producers.sources.simulator.noise import FlightNoise
from producers.sources.simulator.outcome import Cause, Outcome, ServiceChange
from producers.sources.simulator.slots import Runway, storms_by_airport
from producers.sources.simulator.timetable import Leg, minute_of, spares, tails

Step = Literal["turn", "ready", "reach"]
_ORDER: Final[dict[Step, int]] = {"reach": 0, "turn": 1, "ready": 2}  # at the same minute: land before leaving

BOARDING_LEAD_MINUTES: Final = 60  # dispatch looks at the next leg so long before it leaves
SPARE_CALL_OUT_MINUTES: Final = 75  # crew and aircraft on standby at the base
REPAIR_PATIENCE_MINUTES: Final = 180  # a flight waits so long for its aircraft's repair, then it is cancelled
# A delay beyond this is a cancellation: about 2.5 to 5 h, later for long-haul, where there is no other flight.
PATIENCE_MINUTES: Final = (150, 300)
STORM_PATIENCE_MINUTES: Final = (60, 200)  # few slots go to those who use them best: the schedule is thinned early
LONG_HAUL_PATIENCE_FACTOR: Final = 2.5
LONG_HAUL_KM: Final = 5000
HOLDING_MINUTES: Final = (20, 50)  # contingency and alternate fuel carried
TO_ALTERNATE_MINUTES: Final = 35
BRING_HOME_MINUTES: Final = 240  # a cancelled return leaves its aircraft away until it is fit to be ferried home
FERRY_MINUTES: Final = 60  # from the alternate on to the destination, once that is open


class Operation:
    """One run over a timetable; `fly()` gives what became of every leg, in timetable order.

    `noise_of` gives the luck of a flight by its id.
    """

    def __init__(
        self, legs: Sequence[Leg], noise_of: Callable[[str], FlightNoise], incidents: Sequence[Incident]
    ) -> None:
        self._legs = legs
        self._noise = {leg.flight_id: noise_of(leg.flight_id) for leg in legs}
        self._runways = {airport: Runway(airport, storms) for airport, storms in storms_by_airport(incidents).items()}
        self._out = [
            (each.target, minute_of(each.start_at), minute_of(each.end_at))
            for each in incidents
            if each.kind == "aircraft"
        ]
        self._aircraft = aircraft_of(legs)
        self._standby = {fleet.name: [self._aircraft[tail] for tail in spares(fleet)] for fleet in FLEETS}
        self._heap: list[tuple[int, int, str]] = []
        self._outcomes: dict[str, Outcome] = {}
        self.service_changes: list[ServiceChange] = []

    def fly(self) -> list[Outcome]:
        """Run to the end."""
        for aircraft in self._aircraft.values():
            self._turn_to_next(aircraft)
        while self._heap:
            now, order, tail = heapq.heappop(self._heap)
            aircraft = self._aircraft[tail]
            if order == _ORDER["turn"]:
                self._turn(aircraft, now)
            elif order == _ORDER["ready"]:
                self._ready(aircraft, now)
            else:
                self._reach(aircraft, now)
        self._note_service_changes()
        return [self._outcomes[leg.flight_id] for leg in self._legs]

    def _push(self, minute: int, step: Step, aircraft: Aircraft) -> None:
        heapq.heappush(self._heap, (minute, _ORDER[step], aircraft.tail))

    def _turn_to_next(self, aircraft: Aircraft) -> None:
        if aircraft.agenda:
            leg = aircraft.agenda[0]
            self._push(max(aircraft.free, leg.departs - BOARDING_LEAD_MINUTES), "turn", aircraft)

    def _turn(self, aircraft: Aircraft, now: int) -> None:
        """Look at the next leg: is the aircraft here and able, and when can it leave?"""
        if not aircraft.agenda:
            return
        leg = aircraft.agenda[0]
        if leg.starts_line and aircraft.airport != leg.origin:
            aircraft.airport, aircraft.arrived = leg.origin, None  # ferried overnight
        if aircraft.airport != leg.origin:
            self._cancel(aircraft, now, aircraft.late_root or "carrier")
            return
        noise = self._noise[leg.flight_id]
        if is_cancelled(noise):
            self._cancel(aircraft, max(now, leg.departs + int(90 * (noise.u_cancel_notice - 0.5))), "carrier")
            return
        own, _ = own_delay(leg, noise)
        repaired = self._repaired(aircraft.tail, now)
        if repaired is None or not self._give_up(aircraft, repaired, now):
            self._push(max(leg.departs + own, aircraft.turned(leg), repaired or 0, now), "ready", aircraft)

    def _give_up(self, aircraft: Aircraft, repaired: int, now: int) -> bool:
        """Whether another aircraft flies instead, or none does, rather than wait for this one's repair."""
        leg = aircraft.agenda[0]
        if repaired <= leg.departs:
            return False
        if self._hand_to_spare(aircraft, now):
            return True
        if repaired - leg.departs > REPAIR_PATIENCE_MINUTES:
            self._cancel(aircraft, now, "carrier")
            return True
        return False

    def _ready(self, aircraft: Aircraft, now: int) -> None:
        """Doors closed: leave now, at a slot, or not at all."""
        leg = aircraft.agenda[0]
        noise = self._noise[leg.flight_id]
        if (repaired := self._repaired(aircraft.tail, now)) is not None:  # it broke while being turned round
            if not self._give_up(aircraft, repaired, now):
                self._push(repaired, "ready", aircraft)
            return
        block = block_minutes(leg, noise)
        origin, destination = self._runways.get(leg.origin), self._runways.get(leg.destination)
        off, into = now, None
        if origin is not None and origin.known_storm(now, now):
            off = origin.next_slot(now)
        if destination is not None and destination.known_storm(now, off + block):
            into = destination.next_slot(off + block)
            off = into - block
        low, high = STORM_PATIENCE_MINUTES if off > now else PATIENCE_MINUTES
        patience = low + (high - low) * noise.u_patience
        if leg.distance_km > LONG_HAUL_KM:
            patience *= LONG_HAUL_PATIENCE_FACTOR
        if off - leg.departs > patience:
            causes = self._delay_causes(aircraft, leg, now, off)
            self._cancel(aircraft, now, aircraft.root(causes) or "carrier")
            return
        if origin is not None and off != now:
            origin.take(off)
        if destination is not None and into is not None:
            destination.take(into)
        aircraft.awaiting_slot = self._delay_causes(aircraft, leg, now, off)
        aircraft.departed, aircraft.reserved = off, into is not None
        self._push(off + block, "reach", aircraft)

    def _reach(self, aircraft: Aircraft, now: int) -> None:
        """Over the destination: land, hold, or go elsewhere."""
        leg = aircraft.agenda[0]
        runway = self._runways.get(leg.destination)
        holding = 0
        if runway is not None and not aircraft.reserved and runway.known_storm(now, now):
            slot = runway.next_slot(now)
            holding = slot - now
            low, high = HOLDING_MINUTES
            limit = low + int((high - low) * self._noise[leg.flight_id].u_holding)
            if holding > limit:
                self._close(aircraft, "DIVERTED", now + limit + TO_ALTERNATE_MINUTES, holding_minutes=limit)
                aircraft.free = slot + FERRY_MINUTES
                aircraft.airport, aircraft.arrived, aircraft.late_root = leg.destination, None, "weather"
                self._turn_to_next(aircraft)
                return
            runway.take(slot)
        outcome = self._close(aircraft, "ARRIVED", now + holding, holding_minutes=holding)
        aircraft.airport, aircraft.free = leg.destination, now + holding
        aircraft.arrived, aircraft.was_due = now + holding, leg.arrives
        aircraft.late_root = outcome.root_cause
        self._turn_to_next(aircraft)

    def _cancel(self, aircraft: Aircraft, now: int, cause: Cause) -> None:
        leg = aircraft.agenda[0]
        self._close(aircraft, "CANCELLED", now, root_cause=cause)
        aircraft.free, aircraft.late_root = max(aircraft.free, now), cause
        if aircraft.airport == leg.origin != leg.base:  # it is wanted at home: brought there empty
            aircraft.airport, aircraft.arrived = leg.destination, None
            aircraft.free += BRING_HOME_MINUTES + leg.arrives - leg.departs
        self._turn_to_next(aircraft)

    def _close(
        self,
        aircraft: Aircraft,
        state: Literal["ARRIVED", "CANCELLED", "DIVERTED"],
        ends: int,
        holding_minutes: int = 0,
        root_cause: Cause | None = None,
    ) -> Outcome:
        leg = aircraft.agenda.popleft()
        causes = {} if state == "CANCELLED" else aircraft.awaiting_slot
        if root_cause is None:
            root_cause = "weather" if holding_minutes > sum(causes.values()) else aircraft.root(causes)
        outcome = Outcome(
            leg=leg,
            state=state,
            ends=ends,
            tail=aircraft.tail,
            departed=None if state == "CANCELLED" else aircraft.departed,
            holding_minutes=holding_minutes,
            previous_arrival=aircraft.arrived,
            previous_scheduled_arrival=aircraft.was_due,
            delay_causes=causes,
            root_cause=root_cause,
        )
        self._outcomes[leg.flight_id] = outcome
        aircraft.departed, aircraft.reserved, aircraft.awaiting_slot = None, False, {}
        return outcome

    def _delay_causes(self, aircraft: Aircraft, leg: Leg, ready: int, off: int) -> dict[Cause, int]:
        """The departure delay by cause: the aircraft's lateness first, its own reasons, then the wait for a slot."""
        causes: dict[Cause, int] = {}
        late = max(0, off - leg.departs)
        waited = min(late, off - ready)
        late_aircraft = min(late - waited, max(0, aircraft.turned(leg) - leg.departs))
        _, own_cause = own_delay(leg, self._noise[leg.flight_id])
        if any(out == aircraft.tail and start < off and end > leg.departs for out, start, end in self._out):
            own_cause = "carrier"
        parts: tuple[tuple[Cause, int], ...] = (
            ("late_aircraft", late_aircraft),
            (own_cause, late - waited - late_aircraft),
            ("weather", waited),
        )
        for cause, minutes in parts:
            if minutes:
                causes[cause] = causes.get(cause, 0) + minutes
        return causes

    def _repaired(self, tail: str, minute: int) -> int | None:
        """When the tail can fly again, if it cannot at `minute`."""
        ends = [end for out, start, end in self._out if out == tail and start <= minute < end]
        return max(ends, default=None)

    def _hand_to_spare(self, aircraft: Aircraft, now: int) -> bool:
        """Give the rest of the service day to a spare that stands idle at the base; False if there is none."""
        leg = aircraft.agenda[0]
        for spare in self._standby[leg.fleet]:
            if spare.agenda or spare.airport != leg.origin or self._repaired(spare.tail, now) is not None:
                continue
            while aircraft.agenda and aircraft.agenda[0].service_day == leg.service_day:
                spare.agenda.append(aircraft.agenda.popleft())
            spare.free, spare.arrived, spare.late_root = max(spare.free, now + SPARE_CALL_OUT_MINUTES), None, "carrier"
            self._turn_to_next(spare)
            self._turn_to_next(aircraft)
            return True
        return False

    def _note_service_changes(self) -> None:
        for tail, start, end in self._out:
            airport = self._place(tail, start)
            self.service_changes += [
                ServiceChange(tail, start, True, airport),
                ServiceChange(tail, end, False, airport),
            ]

    def _place(self, tail: str, minute: int) -> str:
        """Where the tail was last at that minute."""
        flown = [o for o in self._outcomes.values() if o.tail == tail and o.departed is not None and o.ends <= minute]
        last = max(flown, key=lambda outcome: outcome.ends, default=None)
        if last is not None:
            return last.leg.destination
        base = next(fleet.base for fleet in FLEETS if tail in tails(fleet))
        return next((leg.origin for leg in self._legs if leg.tail == tail), base)
