"""The board as it stood at an instant: the light of every rule on every entity, as then known."""

from datetime import UTC, datetime, timedelta
from typing import Final

import duckdb
import msgspec

from warehouse.answer import has_table
from warehouse.as_of import KNOWN, Clock, clock_at, naive, records

ON_SCHEDULE: Final = timedelta(days=1)
"""A route on the schedule has had rows since: its heartbeats bring them out, whether it is flown or not."""

_LIGHT_TABLES: Final = ("fct_light", "fct_route_kpi")


class PlacedLight(msgspec.Struct, frozen=True, kw_only=True):
    """A light in force; `transition` is the change that put it there, as JSON of `schemas.lights.Transition`."""

    scope: str
    entity: str
    rule: str
    light: str
    since_at: datetime
    known_at: datetime
    alert_id: str
    transition: str


class BoardAsOf(msgspec.Struct, frozen=True, kw_only=True):
    """`cutoff`: what became known until then counts; None if everything had. Lights by scope, entity and rule.

    `unturned`: routes on the schedule of which no light had changed, by name: grey since their first row.
    """

    at: datetime
    clock: Clock
    cutoff: datetime | None
    lights: tuple[PlacedLight, ...]
    unturned: tuple[str, ...]


def board_as_of(star: duckdb.DuckDBPyConnection, at: datetime) -> BoardAsOf:
    """At `at` (UTC), by the clock that `as_of` tells the time by, of all routes together."""
    clock, cutoff = clock_at(star, at)
    known_until = naive(cutoff) if cutoff else datetime.max  # noqa: DTZ901 - the star's have no zone
    found = records(
        star,
        f"""
        SELECT
            light.scope, light.entity, light.rule, to_light AS light, light.true_at AS since_at, light.known_at,
            alert_id, "transition"
        FROM star.fct_light AS light
        LEFT JOIN star.fct_route_kpi AS kpi
            ON kpi.scope = light.scope AND kpi.entity = light.entity AND kpi.kpi_window = light.kpi_window
            AND kpi.true_at = light.true_at AND kpi.revision = light.revision
        WHERE light.true_at <= $1 AND {KNOWN[clock]} <= $2
        QUALIFY row_number() OVER (
            PARTITION BY light.scope, light.entity, light.rule
            ORDER BY light.true_at DESC, light.revision DESC, light.known_at DESC
        ) = 1
        ORDER BY light.scope, light.entity, light.rule
        """,  # noqa: S608 - one of three expressions
        [naive(at), known_until],
    )
    lights = tuple(msgspec.convert(one, PlacedLight) for one in found)
    scheduled = star.execute(
        """
        SELECT DISTINCT entity FROM star.fct_route_kpi
        WHERE scope = 'route' AND true_at <= $1 AND true_at > $2 AND known_at <= $3
        """,
        [naive(at), naive(at - ON_SCHEDULE), known_until],
    ).fetchall()
    turned = {one.entity for one in lights if one.scope == "route"}
    unturned = tuple(sorted({name for (name,) in scheduled} - turned))
    return BoardAsOf(at=at, clock=clock, cutoff=cutoff, lights=lights, unturned=unturned)


def lights_span(star: duckdb.DuckDBPyConnection) -> tuple[datetime, datetime] | None:
    """From the first change of a light to the last row or change; None where the star holds no light."""
    if not all(has_table(star, table) for table in _LIGHT_TABLES):
        return None
    [(first, last)] = star.execute(
        "SELECT min(true_at), greatest(max(true_at), (SELECT max(true_at) FROM star.fct_route_kpi)) FROM star.fct_light"
    ).fetchall()
    return (first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)) if first else None
