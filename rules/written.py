"""A rule file as it is written, and the rule that it means."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec.structs import fields, replace

from rules.durations import parse_duration
from rules.pooled import PooledModel
from rules.rule import Override, Rule, Term, Thresholds, Words
from rules.season import Season
from rules.selector import Selector
from rules.severity import USD_PER_BLOCK_MINUTE
from schemas.rows import Scope, Window

# One row of a test: event time from the start, the columns' values, the light it must change to or "nothing".
TestRow = list[str | int]

_Count = Annotated[int, msgspec.Meta(ge=1)]
_Audience = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class RuleTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A series of rows and what each must do. `columns` names the measures given (others are 0), or `age`: how old the
    row is when it is looked at. `entity` and `start` (a UTC date) choose where and when, and so an override."""

    name: str
    columns: tuple[str, ...]
    rows: list[TestRow]
    entity: str | None = None
    start: date | None = None


class WrittenOverride(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"hold": "for"}):
    """A `[[where]]` of a rule file: conditions, then the keys of the rule that are otherwise there."""

    routes: tuple[str, ...] = ()
    airports: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    stage_km: tuple[float, float] | None = None
    seasons: tuple[Season, ...] = ()
    amber: float | None = None
    red: float | None = None
    recover_amber: float | None = None
    recover_red: float | None = None
    confidence: float | None = None
    spread: float | None = None
    skew: float | None = None
    min_n: _Count | None = None
    hold: str | None = None
    dwell: str | None = None
    audience: _Audience | None = None
    runbook: str | None = None

    @property
    def selector(self) -> Selector:
        return Selector(**{name: getattr(self, name) for name in CONDITIONS})

    @property
    def changes(self) -> dict[str, Any]:
        """The fields of the rule file that it gives another value."""
        given = {one.name: getattr(self, one.name) for one in fields(self) if one.name not in CONDITIONS}
        return {name: value for name, value in given.items() if value is not None}


CONDITIONS: Final = tuple(field.name for field in fields(Selector))


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"hold": "for"}):
    """A rule file as it is written; the id is the file's stem. A model of pooled evidence is `<stem>.model.json` beside
    it. Its overrides are the tables `[[where]]`."""

    version: _Count
    kpi: str
    scope: Scope
    window: Window
    amber: float
    red: float
    recover_amber: float
    recover_red: float
    min_n: _Count
    n_of: str
    hold: str
    dwell: str
    audience: _Audience
    runbook: str
    title: Words
    advice: Words
    evidence: Literal["own", "pooled"] = "own"
    confidence: float | None = None
    spread: float | None = None
    skew: float = 0.0
    against: str | None = None
    max_age: str | None = None
    usd_per_block_minute: Annotated[float, msgspec.Meta(ge=0)] = USD_PER_BLOCK_MINUTE
    severity: tuple[Term, ...] = ("delay", "compensation")
    where: list[WrittenOverride] = []
    tests: list[RuleTest] = []


class BadValueError(ValueError):
    """What is wrong with the value of a key; `place` is "for", or "where[1].for" in an override."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


def rule_of(path: Path, written: Written) -> Rule:
    """The rule of a file, its overrides worked out. Raises BadValueError."""
    model = _model(path.with_suffix(".model.json")) if written.evidence == "pooled" else None
    rule = _rule(path.stem, written, model)
    overrides = []
    for index, where in enumerate(written.where):
        try:
            elsewhere = _rule(path.stem, replace(written, **where.changes), model)
        except BadValueError as error:
            raise BadValueError(f"where[{index}].{error.place}", str(error)) from error
        overrides.append(Override(where.selector, replace(elsewhere, where=where.selector.words)))
    return replace(rule, overrides=tuple(overrides))


def _rule(stem: str, written: Written, model: PooledModel | None) -> Rule:
    return Rule(
        id=stem,
        version_number=written.version,
        kpi_name=written.kpi,
        scope=written.scope,
        window=written.window,
        thresholds=Thresholds(
            amber=written.amber,
            red=written.red,
            recover_amber=written.recover_amber,
            recover_red=written.recover_red,
        ),
        confidence=written.confidence,
        min_n=written.min_n,
        n_of=written.n_of,
        hold=_duration("for", written.hold),
        dwell=_duration("dwell", written.dwell),
        max_age=None if written.max_age is None else _duration("max_age", written.max_age),
        usd_per_block_minute=written.usd_per_block_minute,
        severity=written.severity,
        audience=written.audience,
        runbook=written.runbook,
        title=written.title,
        advice=written.advice,
        spread=written.spread,
        skew=written.skew,
        against=written.against,
        model=model,
    )


def _duration(key: str, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise BadValueError(key, str(error)) from error


def _model(path: Path) -> PooledModel:
    try:
        return msgspec.json.decode(path.read_bytes(), type=PooledModel)
    except OSError as error:
        raise BadValueError("evidence", f"{path.name} cannot be read: {error.strerror}; `fit` writes it") from error
    except msgspec.DecodeError as error:
        raise BadValueError("evidence", f"{path.name} is no model: {error}") from error
