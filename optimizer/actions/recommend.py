"""`recommend`: what to do about some flights now, ranked by what it is expected to be worth, with its reasons."""

from dataclasses import replace
from typing import Final, NamedTuple

import msgspec

from optimizer.actions.action import Action, applied
from optimizer.actions.candidates import SOLVE, candidates
from optimizer.actions.day_plan import DayPlan
from optimizer.actions.effect import Effect, Totals, effect, totals
from optimizer.actions.foresee import Known, Luck, foreseen, play
from optimizer.airline.prices import Prices
from optimizer.day.past_days import PastDays
from optimizer.mip.selection import Stop

SAMPLES: Final = 100
"""The interval of an action's margin is then some two thirds of what 40 give; the rest of the noise is the model's."""
MOST_ADVICE: Final = 5
PRICES: Final = Prices()
MOVED: Final = 0.10
"""Demand and fuel are moved by a tenth to see whether the answer holds."""


class Advice(NamedTuple):
    """An action and what it changes; what it is worth in US$ if demand or fuel is a tenth higher or lower; what keeps
    anything better from being done."""

    action: Action
    effect: Effect
    moved_usd: dict[str, float]
    binding: str

    @property
    def worth_doing(self) -> bool:
        """More than chance says so."""
        return self.effect.margin_usd.low > 0


class Recommendation(NamedTuple):
    """The best first; none if nothing may help. The second one is the runner-up of the first."""

    advice: list[Advice]
    considered: int


def recommend(
    past: PastDays,
    plan: DayPlan,
    known: Known,
    focus: list[int],
    *,
    recovered: float,
    seed: int = 0,
    samples: int = SAMPLES,
    prices: Prices = PRICES,
    stop: Stop = SOLVE,
) -> Recommendation:
    """For the legs `focus` of the plan, with what is known of the day. The same for the same seed. Raises ValueError
    without days before this one."""
    luck = foreseen(past, plan, known, samples=samples, seed=seed, recovered=recovered)
    found = candidates(plan, known, luck, focus, prices, seed=seed, stop=stop)
    rows = found.binding
    free = rows[0] if rows else "no other aircraft of the airport is ready sooner"
    return ranked(plan, luck, found.actions, prices, found.forbidden, free)


def ranked(
    plan: DayPlan, luck: Luck, actions: list[Action], prices: Prices, forbidden: list[str], otherwise: str
) -> Recommendation:
    """Each played beside the plan as it stands, with the same luck; what binds is what forbids the first that may not
    be done, or `otherwise`."""
    nothing = totals(plan, play(plan, luck), prices)
    found = []
    for action in actions:
        done = applied(action, plan)
        found.append((effect(nothing, totals(done, play(done, luck), prices)), action))
    found.sort(key=lambda pair: (-pair[0].margin_usd.mean, pair[1].touched, pair[1].kind, pair[1].minutes))
    binding = forbidden[0] if forbidden else otherwise
    best = found[:MOST_ADVICE]
    advice = [Advice(action, changed, _moved(plan, action, luck, prices), binding) for changed, action in best]
    return Recommendation(advice, len(found))


def _moved(plan: DayPlan, action: Action, luck: Luck, prices: Prices) -> dict[str, float]:
    """The margin it is worth on average if demand or fuel were a tenth more or less."""
    found = {}
    for name, sign in (("more", 1), ("less", -1)):
        factor = 1 + sign * MOVED
        dearer = msgspec.structs.replace(prices, fuel_cents_per_kg=prices.fuel_cents_per_kg * factor)
        found[f"fuel_{name}"] = _worth(plan, action, luck, dearer)
        fuller = replace(plan, passengers=plan.passengers * factor, changing=plan.changing * factor)
        found[f"demand_{name}"] = _worth(fuller, action, luck, prices)
    return found


def _worth(plan: DayPlan, action: Action, luck: Luck, prices: Prices) -> float:
    done = applied(action, plan)
    before: Totals = totals(plan, play(plan, luck), prices)
    return effect(before, totals(done, play(done, luck), prices)).margin_usd.mean
