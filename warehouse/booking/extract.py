"""What an ETL reads of the booking system, in one snapshot, as a role that may read nothing personal."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, LiteralString

import polars as pl
import psycopg
from psycopg import sql

from warehouse.booking.errors import BookingError
from warehouse.booking.tables import BOOKING, WHOLE_TABLES
from warehouse.clean_tables import INSTANT

ROLE: Final = "semaforo_booking_etl"
_LOCK: Final = 7_236_002

_MASKED: Final = tuple(name for name in BOOKING.columns if name not in ("booking_key", "is_deleted"))
_SOURCE_OF: Final = {
    "booking_airline": "airlines",
    "booking_airport": "airports",
    "booking_route": "routes",
    "pilot_band": "pilot_band",
}

# A booking is read again when anything changed that its masked row is made of.
_CHANGED: Final[LiteralString] = """
    SELECT booking_id FROM bookings WHERE updated_in >= {since}
    UNION SELECT booking_id FROM bookings JOIN flights USING (flight_id) WHERE flights.updated_in >= {since}
    UNION SELECT booking_id FROM bookings JOIN passengers USING (passenger_id) WHERE passengers.updated_in >= {since}
    UNION SELECT booking_id FROM bookings JOIN flights USING (flight_id) JOIN pilots USING (pilot_id)
        WHERE pilots.updated_in >= {since}
    UNION SELECT booking_id FROM bookings JOIN flights USING (flight_id) JOIN routes USING (route_id)
        WHERE routes.updated_in >= {since}
    UNION SELECT booking_id FROM bookings JOIN flights USING (flight_id) WHERE flights.carrier = ANY ({carriers})
"""


class EtlError(BookingError):
    """Another ETL runs, or what was read before is not what is there."""


class Snapshot:
    """The booking system at one instant."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        row = connection.execute(
            """
            SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
                (SELECT system_identifier::text FROM pg_control_system())
            """
        ).fetchone()
        assert row is not None  # noqa: S101 - of a query without FROM
        self.read_below: int
        """Every transaction below this one has ended: what it wrote is in this snapshot, all of it."""
        self.server: str
        """Of the server: its transactions are numbered by itself."""
        self.read_below, self.server = row

    def months(self) -> list[str]:
        """The months (YYYY-MM, UTC) that bookings stand in, or stood in before they were deleted."""
        months = self._frame(
            sql.SQL(
                """
                SELECT DISTINCT to_char(booked_at, 'YYYY-MM') FROM bookings
                UNION SELECT to_char(booked_at, 'YYYY-MM') FROM deleted_rows WHERE table_name = 'bookings'
                """
            ),
            {"month": pl.String},
        )
        return sorted(months["month"])

    def changed(self, since: int, carriers: Sequence[str]) -> dict[str, list[int]]:
        """By month the bookings whose masked rows may have changed in transactions from `since`; those of the named
        airlines whatever happened to them."""
        changed = sql.SQL(_CHANGED).format(since=_transaction(since), carriers=sql.Literal(list(carriers)))
        statement = sql.SQL("SELECT to_char(booked_at, 'YYYY-MM'), booking_id FROM bookings WHERE booking_id IN ({})")
        found = self._frame(statement.format(changed), {"month": pl.String, "booking_id": pl.Int64})
        return {month: sorted(ids) for month, ids in found.group_by("month").agg("booking_id").iter_rows()}

    def deleted(self, since: int) -> pl.DataFrame:
        """Bookings that were deleted in transactions from `since`: month, booking_id, booked_at, updated_at."""
        statement = sql.SQL(
            """
            SELECT to_char(booked_at, 'YYYY-MM'), row_id, {}, {} FROM deleted_rows
            WHERE table_name = 'bookings' AND deleted_in >= {} ORDER BY row_id::bigint
            """
        ).format(_instant("booked_at"), _instant("deleted_at"), _transaction(since))
        columns = {"month": pl.String, "booking_id": pl.Int64, "booked_at": INSTANT, "updated_at": INSTANT}
        return self._frame(statement, columns)

    def bookings(self, month: str, booking_ids: Sequence[int] | None) -> pl.DataFrame:
        """The masked rows of a month, of the given bookings or of all; numbered by booking_id, which may not leave."""
        first = date.fromisoformat(f"{month}-01")
        until = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        chosen = sql.SQL("booked_at >= {} AND booked_at < {}").format(sql.Literal(first), sql.Literal(until))
        if booking_ids is not None:
            chosen = sql.SQL("booking_id = ANY ({}::bigint[])").format(sql.Literal(list(booking_ids)))
        names = ("booking_id", *_MASKED)
        columns = {name: BOOKING.columns.get(name, pl.Int64) for name in names}
        fields = sql.SQL(", ").join(_instant(n) if columns[n] == INSTANT else sql.Identifier(n) for n in names)
        return self._frame(sql.SQL("SELECT {} FROM masked_booking WHERE {}").format(fields, chosen), columns)

    def whole(self, table: str) -> pl.DataFrame:
        """All rows of a clean table that is written whole, sorted."""
        columns = WHOLE_TABLES[table].columns
        fields = sql.SQL(", ").join(map(sql.Identifier, columns))
        statement = sql.SQL("SELECT {} FROM {}").format(fields, sql.Identifier(_SOURCE_OF[table]))
        return self._frame(statement, columns).sort(WHOLE_TABLES[table].by)

    def waiting(self) -> int:
        """Bookings that the next ETL will read again, as a transaction was open that is older than theirs."""
        statement = sql.SQL("SELECT count(*) FROM bookings WHERE updated_in >= {}")
        return int(self._frame(statement.format(_transaction(self.read_below)), {"bookings": pl.Int64}).item())

    def _frame(self, statement: sql.Composable, columns: Mapping[str, Any]) -> pl.DataFrame:
        """By COPY, which is five times as fast as rows; instants come as microseconds."""
        whole = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(statement)
        with self._connection.cursor() as cursor, cursor.copy(whole) as copy:
            data = b"".join(bytes(piece) for piece in copy)
        plain = {name: pl.Int64 if dtype == INSTANT else dtype for name, dtype in columns.items()}
        if not data:
            return pl.DataFrame(schema=columns)
        return pl.read_csv(io.BytesIO(data), has_header=False, schema=plain).cast(pl.Schema(columns))


@contextmanager
def snapshot(connection: psycopg.Connection) -> Iterator[Snapshot]:
    """The booking system as it is now, to one ETL at a time; `connection` is in autocommit.

    Raises EtlError if another ETL reads, or the database is not migrated.
    """
    try:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(ROLE)))
    except psycopg.errors.InvalidParameterValue:
        raise EtlError("the database is not migrated: `python -m warehouse booking migrate` does it") from None
    connection.execute("SET TIME ZONE 'UTC'")
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    if row != (True,):
        raise EtlError("another ETL of this database runs")
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    with connection.transaction():
        yield Snapshot(connection)
    connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _transaction(number: int) -> sql.Composable:
    return sql.SQL("{}::xid8").format(sql.Literal(str(number)))


def _instant(column: str) -> sql.Composable:
    return sql.SQL("(extract(epoch FROM {}) * 1000000)::bigint").format(sql.Identifier(column))
