"""What stood at an instant: lights, the rows under them and the rule versions, as then known and as known now.

Then known is what had become known by the instant: by the wall clock where the stage is live. In a replay the past
becomes known years later, within minutes, so the stream itself is the clock: known is what had been processed when the
first row of a later instant was. A light counts as known there with the row it stands on, which it follows by
milliseconds of wall clock that were minutes of the stream.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

import duckdb
import msgspec

REPLAYED: Final = timedelta(hours=1)
"""A stage where not one row of a week is known sooner than this after it was true is a replay: live it is seconds."""

Clock = Literal["live", "replay", "given"]


class UnknownRouteError(LookupError):
    """The star has no row and no light of this route; the text names some it has."""


class StoodLight(msgspec.Struct, frozen=True, kw_only=True):
    """A light in force; thresholds are its rule version's, bounds and value in the KPI's unit."""

    rule: str
    rule_version: str
    light: str
    since_at: datetime
    known_at: datetime
    kpi: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int
    amber: float | None
    red: float | None
    usd_per_hour: float
    reason: str
    place: str
    alert_id: str


class Stood(msgspec.Struct, frozen=True):
    """Lights by rule; the newest row of each window, whole."""

    lights: tuple[StoodLight, ...]
    rows: tuple[dict[str, Any], ...]


class AsOf(msgspec.Struct, frozen=True, kw_only=True):
    """`cutoff`: what became known until then counts as then known; None if everything had."""

    route: str
    at: datetime
    clock: Clock
    cutoff: datetime | None
    then: Stood
    now: Stood
    differences: tuple[str, ...]


def as_of(star: Path, route: str, at: datetime, *, rule: str | None = None, known_at: datetime | None = None) -> AsOf:
    """What stood at `at` (UTC) for a route. `known_at` asks for another knowledge than that of the instant.

    Raises UnknownRouteError, LookupError if nothing was true by then or the rule never turned a light here, and
    FileNotFoundError or duckdb.Error if there is no star.
    """
    if not star.exists():
        raise FileNotFoundError(f"{star}: no star; `python -m warehouse star` builds it")
    with duckdb.connect(star, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        _check(connection, route, rule)
        clock, cutoff = ("given", known_at) if known_at else clock_at(connection, at, route)
        then = _stood(connection, route, at, rule, clock, cutoff)
        now = _stood(connection, route, at, rule, clock, None)
    if not now.lights and not now.rows:
        raise LookupError(f"{route}: nothing is known of it by {at:%Y-%m-%d %H:%M:%S} UTC")
    return AsOf(
        route=route, at=at, clock=clock, cutoff=cutoff, then=then, now=now, differences=tuple(_differences(then, now))
    )


def _check(connection: duckdb.DuckDBPyConnection, route: str, rule: str | None) -> None:
    places = "SELECT entity FROM star.fct_route_kpi WHERE scope = 'route' UNION SELECT entity FROM star.fct_light"
    if not connection.execute(f"SELECT 1 FROM ({places}) WHERE entity = ? LIMIT 1", [route]).fetchone():  # noqa: S608
        near = connection.execute(
            f"SELECT entity FROM ({places}) ORDER BY jaro_winkler_similarity(entity, ?) DESC, entity LIMIT 3",  # noqa: S608
            [route],
        ).fetchall()
        known = ", ".join(name for (name,) in near)
        raise UnknownRouteError(f"no route {route}; " + (f"near it: {known}" if known else "the star knows none"))
    rules = [name for (name,) in connection.execute("SELECT DISTINCT rule FROM star.dim_rule ORDER BY 1").fetchall()]
    if rule and rule not in rules:
        raise LookupError(f"no rule {rule} ever turned a light; these did: {', '.join(rules)}")


def clock_at(
    connection: duckdb.DuckDBPyConnection, at: datetime, route: str | None = None
) -> tuple[Clock, datetime | None]:
    """Whether the stage lived through this instant, by the rows of a route or of all, and until when what became known
    counts."""
    until = naive(at)
    soonest = _one(
        connection,
        """
        SELECT min(epoch_ms(known_at) - epoch_ms(true_at)) FROM star.fct_route_kpi
        WHERE scope = 'route' AND entity = coalesce($1, entity) AND true_at <= $2 AND true_at > $2 - INTERVAL 7 DAY
        """,
        [route, until],
    )
    if soonest is None or soonest <= REPLAYED / timedelta(milliseconds=1):
        return "live", at
    first_later = _one(connection, "SELECT min(known_at) FROM star.fct_route_kpi WHERE true_at > $1", [until])
    return "replay", first_later.replace(tzinfo=UTC) if first_later else None


def _stood(
    connection: duckdb.DuckDBPyConnection,
    route: str,
    at: datetime,
    rule: str | None,
    clock: Clock,
    cutoff: datetime | None,
) -> Stood:
    given = [route, naive(at), naive(cutoff) if cutoff else datetime.max]  # noqa: DTZ901 - the star's have no zone
    rows = records(
        connection,
        """
        SELECT * FROM star.fct_route_kpi
        WHERE scope = 'route' AND entity = $1 AND true_at <= $2 AND known_at <= $3
        QUALIFY row_number() OVER (PARTITION BY kpi_window ORDER BY true_at DESC, revision DESC) = 1
        ORDER BY kpi_window
        """,
        given,
    )
    lights = records(
        connection,
        f"""
        SELECT
            light.rule, rule_version, to_light AS light, light.true_at AS since_at, light.known_at, light.kpi, "value",
            lower_bound AS lower, upper_bound AS upper, n, amber, red, usd_per_hour, reason, place, alert_id
        FROM star.fct_light AS light
        LEFT JOIN star.dim_rule USING (rule, rule_version)
        LEFT JOIN star.fct_route_kpi AS kpi
            ON kpi.scope = light.scope AND kpi.entity = light.entity AND kpi.kpi_window = light.kpi_window
            AND kpi.true_at = light.true_at AND kpi.revision = light.revision
        WHERE light.scope = 'route' AND light.entity = $1 AND light.true_at <= $2
            AND {KNOWN[clock]} <= $3 AND light.rule = coalesce($4, light.rule)
        QUALIFY row_number() OVER (
            PARTITION BY light.rule ORDER BY light.true_at DESC, light.revision DESC, light.known_at DESC
        ) = 1
        ORDER BY light.rule
        """,  # noqa: S608 - one of three expressions below
        [*given, rule],
    )
    return Stood(tuple(msgspec.convert(light, StoodLight) for light in lights), tuple(rows))


KNOWN: Final[dict[Clock, str]] = {
    "live": "light.known_at",
    "given": "light.known_at",
    "replay": "coalesce(kpi.known_at, light.known_at)",
}


def _differences(then: Stood, now: Stood) -> list[str]:
    """What became known later, in words."""
    found = []
    before, after = ({light.rule: light for light in stood.lights} for stood in (then, now))
    for rule in sorted({*before, *after}):
        was, is_now = before.get(rule), after.get(rule)
        if was is None and is_now is not None:
            found.append(
                f"{rule}: {is_now.light} since {_text(is_now.since_at)}, known only at {_text(is_now.known_at)}"
            )
        elif was is not None and is_now is not None and was.alert_id != is_now.alert_id:
            found.append(f"{rule}: {was.light} then, {is_now.light} as known at {_text(is_now.known_at)}")
    rows_then, rows_now = ({row["kpi_window"]: row for row in stood.rows} for stood in (then, now))
    for window, row in rows_now.items():
        old = rows_then.get(window)
        if old is None:
            found.append(f"row {window}: known only at {_text(row['known_at'])}")
        elif (old["true_at"], old["revision"]) != (row["true_at"], row["revision"]):
            changed = ", ".join(
                f"{name} {old[name]} -> {row[name]}" for name in row if name not in _ABOUT and old[name] != row[name]
            )
            what = f"of {_text(row['true_at'])} revision {row['revision']}"
            found.append(f"row {window}: {what}, known at {_text(row['known_at'])}: {changed or 'same measures'}")
    return found


_ABOUT: Final = ("scope", "entity", "kpi_window", "true_at", "known_at", "known_until", "revision", "ingested_at")


def records(connection: duckdb.DuckDBPyConnection, query: str, given: list[Any]) -> list[dict[str, Any]]:
    """What a query says, instants in UTC."""
    cursor = connection.execute(query, given)
    names = [column[0] for column in cursor.description or ()]
    return [
        {n: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for n, v in zip(names, values, strict=True)}
        for values in cursor.fetchall()
    ]


def _one(connection: duckdb.DuckDBPyConnection, query: str, given: list[Any]) -> Any:
    found = connection.execute(query, given).fetchone()
    return found[0] if found else None


def naive(instant: datetime) -> datetime:
    """UTC, as the star writes it: without a zone."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def _text(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}"
