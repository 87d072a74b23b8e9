"""Which leg each aircraft flies after which, and how much lateness the ground time between them can take."""

from typing import NamedTuple

import numpy as np

from optimizer.flights import NEVER, Codes, Flights, Floats
from optimizer.rotations import LONGEST_ROTATION_MINUTES, leg_before, shortest_return

LEAST_SLACK_MINUTES = -60
"""If the aircraft would be back later than so much after this flight's schedule, another was planned for it."""


class Plan(NamedTuple):
    """Of each flight the `before` leg of its aircraft (its place, -1 without), and the `slack` minutes between its
    being ready again, if that leg is on time, and this flight's schedule."""

    before: Codes
    slack: Floats


def planned(flights: Flights) -> Plan:
    """By recorded tails, which are those that flew: a swap of the day counts as planned."""
    leg, known = leg_before(flights, flights.departs - 1)
    gap = flights.departs - flights.arrives[leg]
    slack = gap - shortest_return(flights, leg, known)
    turns = known & (slack >= LEAST_SLACK_MINUTES) & (gap < LONGEST_ROTATION_MINUTES)
    return Plan(np.where(turns, leg, -1), np.where(turns, slack, 0.0))


def carried_over(flights: Flights, plan: Plan) -> Floats:
    """Minutes for which each flight's aircraft was not ready at its schedule, as it really was; 0 without a leg before,
    or if that did not land."""
    brings = (plan.before >= 0) & flights.landed[plan.before]
    late = (flights.arrived - flights.arrives)[plan.before]
    found: Floats = np.where(brings, np.maximum(late - plan.slack, 0.0), 0.0)
    return found


def departure_delay(flights: Flights) -> Floats:
    """Minutes; NaN if it never left."""
    return np.where(flights.departed < NEVER, flights.departed - flights.departs, np.nan)


def brought_along(flights: Flights, plan: Plan) -> Floats:
    """Minutes of each departure's delay that its aircraft brought along, as it really was."""
    left = np.nan_to_num(np.maximum(departure_delay(flights), 0.0))
    found: Floats = np.minimum(carried_over(flights, plan), left)
    return found
