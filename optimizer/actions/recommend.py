"""`recommend`: what to do about some flights now, ranked by what it is expected to be worth, with its reasons."""

from dataclasses import replace
from typing import Final, NamedTuple

import msgspec

from optimizer.actions.action import Action, applied
from optimizer.actions.candidates import SOLVE, candidates
from optimizer.actions.day_plan import DayPlan, Known
from optimizer.actions.effect import Effect, effect, totals
from optimizer.actions.foresee import Luck, foreseen, play
from optimizer.airline.prices import Prices
from optimizer.day.past_days import PastDays
from optimizer.day.simulate import Simulated
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
    most: int = MOST_ADVICE,
) -> Recommendation:
    """For the legs `focus` of the plan, with what is known of the day. The same for the same seed. Raises ValueError
    without days before this one."""
    luck = foreseen(past, plan, known, samples=samples, seed=seed, recovered=recovered)
    found = candidates(plan, known, luck, focus, prices, seed=seed, stop=stop)
    rows = found.binding
    free = rows[0] if rows else "no other aircraft of the airport is ready sooner"
    return ranked(plan, luck, found.actions, prices, found.forbidden, free, most)


def ranked(
    plan: DayPlan,
    luck: Luck,
    actions: list[Action],
    prices: Prices,
    forbidden: list[str],
    otherwise: str,
    most: int = MOST_ADVICE,
) -> Recommendation:
    """Each played beside the plan as it stands, with the same luck, and the `most` best of them told; what binds is
    what forbids the first that may not be done, or `otherwise`."""
    as_is = play(plan, luck)
    nothing = totals(plan, as_is, prices)
    found = []
    for action in actions:
        done = applied(action, plan)
        played = play(done, luck)
        found.append(_Played(action, done, played, effect(nothing, totals(done, played, prices))))
    found.sort(key=lambda one: (-one.effect.margin_usd.mean, one.action.touched, one.action.kind, one.action.minutes))
    binding = forbidden[0] if forbidden else otherwise
    best = found[:most]
    moved = _moved(plan, as_is, best, prices)
    advice = [Advice(one.action, one.effect, by, binding) for one, by in zip(best, moved, strict=True)]
    return Recommendation(advice, len(found))


class _Played(NamedTuple):
    """An action, the plan if it is done, how that goes, and what it changes."""

    action: Action
    done: DayPlan
    played: Simulated
    effect: Effect


def _moved(plan: DayPlan, as_is: Simulated, best: list[_Played], prices: Prices) -> list[dict[str, float]]:
    """The margin that each is worth on average if demand or fuel were a tenth more or less. Nobody flies otherwise for
    that, so nothing is played again."""
    found: list[dict[str, float]] = [{} for _ in best]
    for name, sign in (("more", 1), ("less", -1)):
        factor = 1 + sign * MOVED
        dearer = msgspec.structs.replace(prices, fuel_cents_per_kg=prices.fuel_cents_per_kg * factor)
        for what, of, by in (("fuel", 1.0, dearer), ("demand", factor, prices)):
            before = totals(_fuller(plan, of), as_is, by)
            for worth, one in zip(found, best, strict=True):
                after = totals(_fuller(one.done, of), one.played, by)
                worth[f"{what}_{name}"] = effect(before, after).margin_usd.mean
    return found


def _fuller(plan: DayPlan, factor: float) -> DayPlan:
    return replace(plan, passengers=plan.passengers * factor, changing=plan.changing * factor)
