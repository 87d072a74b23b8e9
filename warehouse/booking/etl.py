"""What changed in the booking system, masked, to raw and clean; as often as one likes, and killed wherever it may be.

The watermark is written last. What an ETL that was killed had written is written again by the next one, which begins at
the same watermark: files are replaced whole, and a row takes the place of the one with its key.
"""

import gzip
import io
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
import polars as pl
import psycopg

from schemas import raw
from warehouse.booking.extract import EtlError, Snapshot, snapshot
from warehouse.booking.masking import booking_keys, fingerprint
from warehouse.booking.tables import BOOKING, WHOLE_TABLES, month_file, whole_file
from warehouse.clean_tables import INSTANT, ROW_GROUP_ROWS
from warehouse.storage import Store

WATERMARK: Final = "_state/booking-etl.json"
"""In the clean store; what begins with an underscore is no table to Athena, Glue and Spark."""

RAW_OBJECT_BYTES: Final = 16 << 20


class Watermark(msgspec.Struct, frozen=True):
    """How far the clean tables have come: all transactions below `read_below` are in them."""

    read_below: int
    server: str
    key_fingerprint: str


class Outcome(msgspec.Struct, frozen=True):
    """What an ETL did."""

    read_below: int
    bookings: int
    """Read and masked, those that were deleted included."""
    deleted: int
    months_written: int
    tables_written: int
    waiting: int
    """Read already, and to be read again: a transaction was open that is older than theirs."""

    def said(self) -> str:
        """In words."""
        again = f"; {self.waiting:,} will be read again: an older transaction is still open" if self.waiting else ""
        return (
            f"{self.bookings:,} bookings read ({self.deleted:,} deleted), {self.months_written} months and "
            f"{self.tables_written} tables written; up to transaction {self.read_below}{again}"
        )


class Etl:
    """One run: where it reads, where it writes, what it masks with."""

    def __init__(
        self,
        source: Snapshot,
        raw_store: Store,
        clean_store: Store,
        key: bytes,
        now: datetime,
        *,
        full: bool = False,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._source = source
        self._raw, self._clean = raw_store, clean_store
        self._key = key
        self._day = f"{now:%Y-%m-%d}"
        self._mark = None if full else self._read_watermark()
        self._run = f"full-{source.read_below:020}" if full else f"{self._mark.read_below if self._mark else 0:020}"
        self._say = say

    def run(self) -> Outcome:
        """Read, write, and set the watermark last. Raises EtlError if the watermark is of another server or key."""
        self._refuse_strangers()
        outcome = self.write_tables()
        self.write_watermark()
        return outcome

    def write_tables(self) -> Outcome:
        """Months first: `pilot_band` as it is stored says which bands the bookings there have."""
        whole = {name: self._source.whole(name) for name in WHOLE_TABLES}
        deleted = self._source.deleted(self._mark.read_below if self._mark else 0)
        changed: dict[str, list[int] | None] = {}
        if self._mark is None:
            changed |= dict.fromkeys(self._source.months())
        else:
            changed |= self._source.changed(self._mark.read_below, self._regrouped(whole["pilot_band"]))
        months = sorted({*changed, *deleted["month"]})
        bookings = written = 0
        for month in months:
            fresh = self._masked(month, changed.get(month, []), deleted.filter(pl.col("month") == month))
            self._write_raw(BOOKING.name, month, fresh)
            written += self._replace(month_file(month), self._merged(month, fresh))
            bookings += len(fresh)
            self._say(f"{month}: {len(fresh):,} bookings")
        if self._mark is None:
            self._drop_other_months(months)
        tables = [name for name, frame in whole.items() if self._replace(whole_file(name), frame)]
        for name in tables:
            self._write_raw(name, "all", whole[name])
        return Outcome(self._source.read_below, bookings, len(deleted), written, len(tables), self._source.waiting())

    def write_watermark(self) -> None:
        """Say that everything below is written."""
        mark = Watermark(self._source.read_below, self._source.server, fingerprint(self._key))
        self._clean.write(WATERMARK, msgspec.json.encode(mark))

    def _read_watermark(self) -> Watermark | None:
        try:
            return msgspec.json.decode(self._clean.read(WATERMARK), type=Watermark)
        except FileNotFoundError:
            return None

    def _refuse_strangers(self) -> None:
        if self._mark is None:
            return
        if self._mark.server != self._source.server or self._mark.read_below > self._source.read_below:
            raise EtlError(
                f"{self._clean.path(WATERMARK)} is of another server, or of this one before it was restored: "
                "--full reads all of it anew"
            )
        if self._mark.key_fingerprint != fingerprint(self._key):
            raise EtlError("what is there was masked with another key: --full masks all of it anew")

    def _regrouped(self, bands: pl.DataFrame) -> list[str]:
        """Airlines whose bands are no longer those that their bookings were written with."""
        before = self._stored(whole_file("pilot_band"))
        if before is None:
            return sorted(set(bands["carrier"]))
        names = ["carrier", "band"]
        differing = pl.concat(
            [bands.join(before, on=names, how="anti")[names], before.join(bands, on=names, how="anti")[names]]
        )
        return sorted(set(differing["carrier"]))

    def _masked(self, month: str, booking_ids: list[int] | None, deleted: pl.DataFrame) -> pl.DataFrame:
        """Rows of the clean table in its order."""
        standing = self._source.bookings(month, booking_ids)
        rows = pl.concat(
            [
                standing.with_columns(is_deleted=False),
                deleted.drop("month").with_columns(is_deleted=True),
            ],
            how="diagonal",
        )
        keys = pl.Series("booking_key", booking_keys(rows["booking_id"], self._key), dtype=pl.String)
        return rows.with_columns(keys).select(list(BOOKING.columns)).sort(BOOKING.by)

    def _merged(self, month: str, fresh: pl.DataFrame) -> pl.DataFrame:
        before = None if self._mark is None else self._stored(month_file(month))
        if before is None:
            return fresh
        return pl.concat([before.join(fresh, on=BOOKING.key, how="anti"), fresh]).sort(BOOKING.by)

    def _stored(self, name: str) -> pl.DataFrame | None:
        try:
            return pl.read_parquet(io.BytesIO(self._clean.read(name)))
        except FileNotFoundError:
            return None

    def _replace(self, name: str, rows: pl.DataFrame) -> bool:
        """Put a file in the place of the one there, unless it holds the same; whether it did."""
        before = self._stored(name)
        if before is not None and before.equals(rows):
            return False
        parquet = io.BytesIO()
        rows.write_parquet(parquet, row_group_size=ROW_GROUP_ROWS)
        self._clean.write(name, parquet.getvalue())
        return True

    def _drop_other_months(self, months: list[str]) -> None:
        """What a full reading did not find is not there any more."""
        kept = {month_file(month) for month in months}
        for stored in self._clean.list(BOOKING.name):
            if stored.name not in kept:
                self._clean.delete(stored.name)

    def _write_raw(self, table: str, part: str, rows: pl.DataFrame) -> None:
        """The rows as lines of the topic `booking`; an ETL that begins at the same watermark replaces them."""
        instants = [name for name, dtype in rows.schema.items() if dtype == INSTANT]
        said = rows.with_columns(pl.col(instants).dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ"))
        head = f'{{"table":"{table}","read_below":{self._source.read_below},"row":'
        lines = said.select(line=pl.concat_str(pl.lit(head), pl.struct(pl.all()).struct.json_encode(), pl.lit("}\n")))
        encoded = (line.encode() for line in lines["line"])
        for number, data in enumerate(raw.objects_of(encoded, RAW_OBJECT_BYTES)):
            name = f"{raw.prefix(raw.BOOKING, self._day)}{self._run}-{table}-{part}-{number:04}.jsonl.gz"
            self._raw.write(name, gzip.compress(data, compresslevel=1, mtime=0))


def run_etl(
    dsn: str,
    raw_store: Store,
    clean_store: Store,
    key: bytes,
    now: datetime,
    *,
    full: bool = False,
    say: Callable[[str], None] = lambda _line: None,
) -> Outcome:
    """Bring raw and clean up to what the booking system holds. Raises EtlError, or psycopg.Error if it is away."""
    with psycopg.connect(dsn, autocommit=True) as connection, snapshot(connection) as source:
        return Etl(source, raw_store, clean_store, key, now, full=full, say=say).run()
