"""Do the live rows equal a batch recomputation? Every row, every measure, and no row too many or too few.

The batch side sums facts by time: the measures of a row are C(at) - C(at - length), where C(t) is the sum of all facts
of the entity with event_at <= t. Integers throughout, so equal means equal.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import polars as pl

from schemas.measures import MEASURE_NAMES
from schemas.rows import SCOPES, WINDOW_LENGTH, WINDOWS_OF_SCOPE, KpiRow, Scope, Window, to_ms

KEY: Final = ("scope", "entity", "window", "at_ms")
COUNTED: Final = ("events", *MEASURE_NAMES)


class Parity(msgspec.Struct, frozen=True, kw_only=True):
    """What the comparison found. `mismatches` counts rows that are wrong, missing, unexpected or contradictory."""

    rows: int
    repeated: int
    wrong: int
    missing: int
    unexpected: int
    contradictory: int
    examples: list[str]

    @property
    def mismatches(self) -> int:
        """Rows in which live and batch do not agree."""
        return self.wrong + self.missing + self.unexpected + self.contradictory


def frame_of(rows: Sequence[KpiRow]) -> pl.DataFrame:
    """KPI rows as a frame: KEY, revision, ingested_at_ms, events and one Int64 column per measure."""
    plain = [
        (r.scope, r.entity, r.window, to_ms(r.at), r.revision, to_ms(r.ingested_at), r.events, *r.measures)
        for r in rows
    ]
    names = (*KEY, "revision", "ingested_at_ms", *COUNTED)
    schema = {name: pl.String() if name in ("scope", "entity", "window") else pl.Int64() for name in names}
    return pl.DataFrame(plain, schema=schema, orient="row")


def compare(live: pl.DataFrame, facts: pl.DataFrame, pane_ms: int, measures: Sequence[str] = COUNTED) -> Parity:
    """Live rows (`frame_of`) against facts (`facts.facts_of`), in the given measures.

    A row is expected for every pane (s, s + pane_ms] in which an entity had an event, in each window of its scope.
    """
    distinct = live.unique([*KEY, *COUNTED], keep="first", maintain_order=True)
    once = distinct.unique(list(KEY), keep="last", maintain_order=True)
    entity_facts = pl.concat([by_scope(facts, scope) for scope in SCOPES])
    batch = _expected(entity_facts, pane_ms)
    joined = once.join(batch, on=list(KEY), how="full", suffix="_batch", coalesce=True)
    in_live, in_batch = pl.col("flights").is_not_null(), pl.col("flights_batch").is_not_null()
    both = joined.filter(in_live & in_batch)
    wrong = both.filter(pl.any_horizontal(pl.col(m) != pl.col(f"{m}_batch") for m in measures))
    missing, unexpected = joined.filter(~in_live), joined.filter(~in_batch)
    return Parity(
        rows=len(once),
        repeated=len(live) - len(distinct),
        wrong=len(wrong),
        missing=len(missing),
        unexpected=len(unexpected),
        contradictory=len(distinct) - len(once),
        examples=[
            *(_difference(row, measures) for row in wrong.head(5).iter_rows(named=True)),
            *(f"missing: {_name(row)}" for row in missing.head(5).iter_rows(named=True)),
            *(f"unexpected: {_name(row)}" for row in unexpected.head(5).iter_rows(named=True)),
        ],
    )


def by_scope(facts: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """The facts of every entity of a scope: entity, scope, event_at_ms, events and the measures."""
    match scope:
        case "route":
            entities = facts.with_columns(pl.concat_str("origin", "destination", separator="-").alias("entity"))
        case "airport":
            ends = facts.with_columns(pl.concat_list("origin", "destination").alias("entity"))
            entities = ends.explode("entity")
        case "carrier":
            entities = facts.with_columns(pl.col("carriers").alias("entity")).explode("entity").drop_nulls("entity")
    return entities.select(
        pl.lit(scope).alias("scope"), "entity", "event_at_ms", pl.lit(1, pl.Int64).alias("events"), *MEASURE_NAMES
    )


def _expected(facts: pl.DataFrame, pane_ms: int) -> pl.DataFrame:
    at = ((pl.col("event_at_ms") + pane_ms - 1) // pane_ms * pane_ms).alias("at_ms")
    panes = facts.group_by("scope", "entity", at).agg(pl.col(c).sum() for c in COUNTED).sort("at_ms")
    cumulative = panes.with_columns(pl.col(c).cum_sum().over("scope", "entity") for c in COUNTED)
    windows = pl.DataFrame(
        [(scope, window, _length_ms(window)) for scope in SCOPES for window in WINDOWS_OF_SCOPE[scope]],
        schema=["scope", "window", "length_ms"],
        orient="row",
    )
    ends = cumulative.join(windows, on="scope").with_columns((pl.col("at_ms") - pl.col("length_ms")).alias("from_ms"))
    starts = cumulative.rename({"at_ms": "from_ms"})
    joined = ends.sort("from_ms").join_asof(
        starts, on="from_ms", by=["scope", "entity"], suffix="_before", check_sortedness=False
    )
    return joined.select(*KEY, *(pl.col(c) - pl.col(f"{c}_before").fill_null(0) for c in COUNTED))


def _length_ms(window: Window) -> int:
    return int(WINDOW_LENGTH[window].total_seconds()) * 1000


def _name(row: dict[str, object]) -> str:
    return f"{row['scope']} {row['entity']} {row['window']} at {row['at_ms']}"


def _difference(row: dict[str, object], measures: Sequence[str]) -> str:
    different = [m for m in measures if row[m] != row[f"{m}_batch"]]
    return f"{_name(row)}: " + ", ".join(f"{m} live {row[m]} batch {row[f'{m}_batch']}" for m in different[:4])
