"""A rule as evaluation needs it; `load.py` makes it from a catalogue file."""

import hashlib
from datetime import timedelta
from functools import cached_property
from statistics import NormalDist
from typing import Literal

import msgspec

from rules.pooled import PooledModel
from rules.selector import Selector
from schemas.kpis import KPIS, Combination, Kpi
from schemas.measures import MODELLED_BY, POSITION
from schemas.rows import Scope, Window

Term = Literal["delay", "overrun", "compensation", "lost_contribution"]

# What a combination of measures costs to read is a sum over (position in the row, weight).
Positions = tuple[tuple[int, int], ...]


class Thresholds(msgspec.Struct, frozen=True, kw_only=True):
    """In the KPI's unit, or % of risk where evidence is pooled. What lies beyond `amber` or `red` is bad; what reaches
    `recover_amber` or `recover_red` has left that light. The gap between the two is the hysteresis."""

    amber: float
    red: float
    recover_amber: float
    recover_red: float


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in the languages of the audience."""

    en: str
    es: str


class Rule(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """When one KPI, in one scope and trailing window, is green, amber or red, and how soon that is said.

    `hold` (`for` in the file) and `dwell` are event time, `max_age` is wall time from the row's `ingested_at` (None: a
    row is never too old). `min_n` counts the measure `n_of`, in the last 28 days where evidence is pooled. `confidence`
    is one-sided. What is no proportion needs a `spread` for its bound: the standard deviation of one of what `n_of`
    counts, in the KPI's unit, and its `skew` towards the bad side. With `against`, a KPI of the same unit, the
    thresholds are for what the KPI is beyond that one of the same row. With a `model` they are compared with the risk
    it sees. `severity` are the terms of what is at stake. `where` says which override made the rule what it is
    ("": none), `overrides` what else it is elsewhere (`choose.py`).
    """

    id: str
    version_number: int
    kpi_name: str
    scope: Scope
    window: Window
    thresholds: Thresholds
    confidence: float | None
    min_n: int
    n_of: str
    hold: timedelta
    dwell: timedelta
    max_age: timedelta | None
    usd_per_block_minute: float
    severity: tuple[Term, ...] = ("delay", "compensation")
    audience: tuple[str, ...]
    runbook: str
    title: Words
    advice: Words
    spread: float | None = None
    skew: float = 0.0
    against: str | None = None
    model: PooledModel | None = None
    where: str = ""
    overrides: "tuple[Override, ...]" = ()

    @cached_property
    def version(self) -> str:
        """ "3-ab12cd34": the written number and a hash of everything but the words, so that an edit nobody numbered
        still shows on each light. Overrides have versions of their own: an edit of one leaves other lights' alone."""
        decides = msgspec.structs.replace(self, title=_NO_WORDS, advice=_NO_WORDS, where="", overrides=())
        return f"{self.version_number}-{hashlib.sha256(msgspec.json.encode(decides)).hexdigest()[:8]}"

    @cached_property
    def kpi(self) -> Kpi:
        return KPIS[self.kpi_name]

    @cached_property
    def other_kpi(self) -> Kpi | None:
        """The one it is compared with."""
        return KPIS[self.against] if self.against else None

    @cached_property
    def sign(self) -> int:
        """1 where higher is better, -1 where lower is, as of a risk: times this, a smaller figure is always worse."""
        return -1 if self.model or self.kpi.direction == "lower is better" else 1

    @property
    def unit(self) -> str:
        """Of the thresholds."""
        if self.model:
            return "% risk"
        return f"{self.kpi.unit} beyond {self.against}" if self.against else self.kpi.unit

    @cached_property
    def z(self) -> float | None:
        """The normal quantile of the one-sided confidence; None where no bound applies."""
        return None if self.confidence is None else NormalDist().inv_cdf(self.confidence)

    @cached_property
    def numerator(self) -> Positions:
        return _positions(self.kpi.numerator)

    @cached_property
    def denominator(self) -> Positions:
        return _positions(self.kpi.denominator)

    @cached_property
    def n_position(self) -> int:
        return POSITION[self.n_of]

    @cached_property
    def modelled_positions(self) -> tuple[int, ...]:
        """Where a row counts the modelled facts behind this KPI."""
        behind = _modelled_by(self.kpi) | (_modelled_by(self.other_kpi) if self.other_kpi else set())
        return tuple(POSITION[counter] for counter in sorted(behind))

    def worse(self, value: float, threshold: float) -> bool:
        """Whether a value lies beyond a threshold on the bad side; equal is not beyond."""
        return self.sign * value < self.sign * threshold


class Override(msgspec.Struct, frozen=True, dict=True):
    """A rule as it is where its selector matches: complete, and without overrides of its own."""

    selector: Selector
    rule: Rule

    @cached_property
    def weight(self) -> int:
        return self.selector.weight


_NO_WORDS = Words(en="", es="")


def _positions(combination: Combination) -> Positions:
    return tuple((POSITION[name], weight) for name, weight in combination.items())


def _modelled_by(kpi: Kpi) -> set[str]:
    counters = {MODELLED_BY[name] for name in (*kpi.numerator, *kpi.denominator) if name in MODELLED_BY}
    return counters | _modelled_by(KPIS[kpi.times]) if kpi.times else counters
