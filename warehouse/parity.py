"""Do the live rows equal a batch recomputation? Every row, every measure, who flies, no row too many or too few.

The batch side sums facts by time: the measures of a row are C(at) - C(at - length), where C(t) is the sum of all facts
of the entity with event_at <= t. Integers throughout, so equal means equal.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec
import polars as pl

from schemas.measures import MEASURE_NAMES
from schemas.rows import FLAT_COLUMNS, SCOPES, WINDOW_LENGTH, WINDOWS_OF_SCOPE, KpiRow, Scope, flat

KEY: Final = ("scope", "entity", "window", "at_ms")
COUNTED: Final = ("events", *MEASURE_NAMES)
SAID: Final = (*COUNTED, "flown_by")
DAY_MS: Final = 86_400_000


class Parity(msgspec.Struct, frozen=True, kw_only=True):
    """What the comparison found. `mismatches` counts rows that are wrong, missing, unexpected or contradictory."""

    rows: int
    repeated: int
    wrong: int
    contradictory: int
    missing: int = 0
    unexpected: int = 0
    examples: list[str]

    @property
    def mismatches(self) -> int:
        """Rows in which live and batch do not agree."""
        return self.wrong + self.missing + self.unexpected + self.contradictory


def together(parts: Sequence[Parity]) -> Parity:
    """What was found in several stretches."""
    counts = {
        name: sum(getattr(part, name) for part in parts) for name in Parity.__struct_fields__ if name != "examples"
    }
    return Parity(**counts, examples=[example for part in parts for example in part.examples])


def frame_of(rows: Sequence[KpiRow]) -> pl.DataFrame:
    """KPI rows as a frame of FLAT_COLUMNS; whole numbers are Int64."""
    return pl.DataFrame([flat(row) for row in rows], schema=FLAT_COLUMNS, orient="row")


def compare(live: pl.DataFrame, facts: pl.DataFrame, pane_ms: int, span_ms: tuple[int, int] | None = None) -> Parity:
    """Live rows (`frame_of`) against all facts of the run (`facts.facts_of`), in all they say.

    A row is expected for every pane (s, s + pane_ms] in which an entity had an event, in each window of its scope.
    A table from before rows said who flies is compared in the rest. With `span_ms` the live rows are those with `at_ms`
    in [first, second), and the facts all that these hold.
    """
    due = facts
    if span_ms:
        due = facts.filter(pl.col("event_at_ms").is_between(span_ms[0] - pane_ms, span_ms[1]))
    expected = expected_keys(due, pane_ms)
    if span_ms:
        expected = expected.filter(pl.col("at_ms").is_between(*span_ms, closed="left"))
    keys = live.select(KEY).unique()
    missing, unexpected = expected.join(keys, on=KEY, how="anti"), keys.join(expected, on=KEY, how="anti")
    found = compare_values(live, facts, _said_by(live))
    return msgspec.structs.replace(
        found,
        missing=len(missing),
        unexpected=len(unexpected),
        examples=[
            *found.examples,
            *(f"missing: {_name(row)}" for row in missing.sort(KEY).head(5).iter_rows(named=True)),
            *(f"unexpected: {_name(row)}" for row in unexpected.sort(KEY).head(5).iter_rows(named=True)),
        ],
    )


def compare_values(live: pl.DataFrame, facts: pl.DataFrame, measures: Sequence[str]) -> Parity:
    """Only whether the rows that are there are right in the given measures, whatever else happened in the run."""
    distinct = live.unique([*KEY, *_said_by(live)], keep="first", maintain_order=True)
    once = distinct.unique(KEY, keep="last", maintain_order=True)
    both = once.join(recompute(once.select(KEY), facts), on=KEY, suffix="_batch")
    wrong = both.filter(pl.any_horizontal(pl.col(m) != pl.col(f"{m}_batch") for m in measures))
    return Parity(
        rows=len(once),
        repeated=len(live) - len(distinct),
        wrong=len(wrong),
        contradictory=len(distinct) - len(once),
        examples=[_difference(row, measures) for row in wrong.sort(KEY).head(5).iter_rows(named=True)],
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


def expected_keys(facts: pl.DataFrame, pane_ms: int) -> pl.DataFrame:
    """The keys of the rows that must come out: KEY."""
    at = ((pl.col("event_at_ms") + pane_ms - 1) // pane_ms * pane_ms).alias("at_ms")
    panes = pl.concat([by_scope(facts, scope).select("scope", "entity", at).unique() for scope in SCOPES])
    return panes.join(_WINDOWS.select("scope", "window"), on="scope").select(KEY)


def recompute(keys: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """What the rows of these keys must say: KEY, events, every measure, zero where the entity had no fact, flown_by."""
    entity = ["scope", "entity"]
    from_ms = (pl.col("at_ms") - pl.col("length_ms")).alias("from_ms")
    spans = keys.join(_WINDOWS, on=["scope", "window"]).with_columns(from_ms)
    # What no row can hold, or is 0 throughout, is not summed: past flights have 15 of the 49, and a day's rows of 3 h
    # windows took 9 s with all of a month.
    within = facts.filter(
        pl.col("event_at_ms").is_between(spans["from_ms"].min(), spans["at_ms"].max(), closed="right")
    )
    held = ["events", *(name for name in MEASURE_NAMES if (within[name] != 0).any())]
    scopes = [by_scope(within, scope).select(*entity, "event_at_ms", *held) for scope in SCOPES]
    asked = pl.concat(scopes).join(keys, on=entity, how="semi")
    instants = asked.group_by(*entity, "event_at_ms").agg(pl.col(held).sum()).sort("event_at_ms")
    cumulative = instants.with_columns(pl.col(held).cum_sum().over(entity))
    for bound, suffix in (("at_ms", "_until"), ("from_ms", "_before")):
        sums = cumulative.select(*entity, pl.col("event_at_ms").alias(bound), pl.col(held).name.suffix(suffix))
        spans = spans.sort(bound).join_asof(sums, on=bound, by=entity, check_sortedness=False)
    counted = spans.select(
        *KEY,
        *((pl.col(f"{c}_until").fill_null(0) - pl.col(f"{c}_before").fill_null(0)).alias(c) for c in held),
        *(pl.lit(0, pl.Int64).alias(c) for c in COUNTED if c not in held),
    ).select(*KEY, *COUNTED)
    return counted.join(_flown_by(keys, facts), on=KEY, how="left").with_columns(pl.col("flown_by").fill_null(""))


def _flown_by(keys: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """KEY and flown_by ("B6,DL") of the 24 h rows of routes that anybody flies: by each carrier's newest fact."""
    flown = by_route_and_carrier(facts)
    asked = keys.filter((pl.col("scope") == "route") & (pl.col("window") == "24h")).unique()
    pairs = asked.join(flown.select("entity", "carrier").unique(), on="entity").sort("at_ms")
    newest = flown.select("entity", "carrier", pl.col("event_at_ms").alias("at_ms"), "event_at_ms").sort("at_ms")
    found = pairs.join_asof(newest, on="at_ms", by=["entity", "carrier"], check_sortedness=False)
    flies = found.filter(pl.col("event_at_ms") > pl.col("at_ms") - DAY_MS)
    return flies.group_by(KEY).agg(pl.col("carrier").unique().sort().str.join(",").alias("flown_by"))


def by_route_and_carrier(facts: pl.DataFrame) -> pl.DataFrame:
    """When each carrier flew each route or was named by its heartbeat: entity, carrier, event_at_ms."""
    route = pl.concat_str("origin", "destination", separator="-").alias("entity")
    carriers = facts.select(route, pl.col("carriers").alias("carrier"), "event_at_ms").explode("carrier")
    return carriers.drop_nulls("carrier").unique()


_WINDOWS: Final = pl.DataFrame(
    [
        (scope, window, WINDOW_LENGTH[window] // timedelta(milliseconds=1))
        for scope in SCOPES
        for window in WINDOWS_OF_SCOPE[scope]
    ],
    schema=["scope", "window", "length_ms"],
    orient="row",
)


def _said_by(live: pl.DataFrame) -> list[str]:
    return [name for name in SAID if name in live.columns]


def _name(row: dict[str, object]) -> str:
    return f"{row['scope']} {row['entity']} {row['window']} at {row['at_ms']}"


def _difference(row: dict[str, object], measures: Sequence[str]) -> str:
    different = [m for m in measures if row[m] != row[f"{m}_batch"]]
    return f"{_name(row)}: " + ", ".join(f"{m} live {row[m]} batch {row[f'{m}_batch']}" for m in different[:4])
