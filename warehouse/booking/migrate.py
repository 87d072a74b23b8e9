"""Bring a booking system's tables up to date: numbered SQL files, each once, in order, whole or not at all."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import psycopg

from warehouse.booking.errors import BookingError

MIGRATIONS: Final = Path(__file__).parent / "migrations"

_LOCK: Final = 7_236_001
"""Two that migrate at once wait for each other; any number will do that nothing else locks."""

_JOURNAL: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationError(BookingError):
    """The database was migrated by files other than these."""


class Migration(NamedTuple):
    """One file: its name, which begins with its number, and its SQL."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """Tells an edited file from the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """All of a folder, in order. Raises MigrationError unless they are numbered 001, 002, …"""
    found = [Migration(path.stem, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.sql"))]
    for number, migration in enumerate(found, start=1):
        if not migration.name.startswith(f"{number:03}_"):
            raise MigrationError(f"{migration.name}: expected {number:03}_…: numbers leave no gap and none comes twice")
    return found


def migrate(connection: psycopg.Connection, given: Sequence[Migration] | None = None) -> list[str]:
    """Apply what is not applied yet; returns its names.

    All in one transaction, which is committed: a file that fails leaves everything as it was. Raises MigrationError
    if an applied file was changed or is gone.
    """
    wanted = migrations() if given is None else given
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        connection.execute(_JOURNAL)
        rows = connection.execute("SELECT name, checksum FROM schema_migrations").fetchall()
        applied: dict[str, str] = dict(rows)
        _refuse_others(applied, wanted)
        fresh = [migration for migration in wanted if migration.name not in applied]
        for migration in fresh:
            connection.execute(migration.sql.encode())
            connection.execute(
                "INSERT INTO schema_migrations (name, checksum) VALUES (%s, %s)", [migration.name, migration.checksum]
            )
    return [migration.name for migration in fresh]


def _refuse_others(applied: dict[str, str], wanted: Sequence[Migration]) -> None:
    known = {migration.name: migration.checksum for migration in wanted}
    for name, checksum in sorted(applied.items()):
        if name not in known:
            raise MigrationError(f"{name} was applied to this database and is no file here: newer code made it")
        if known[name] != checksum:
            raise MigrationError(f"{name} was changed after it was applied: put it back, and change by a new file")
    if applied and (between := [name for name in known if name not in applied and name < max(applied)]):
        raise MigrationError(f"{between[0]} comes before {max(applied)}, which is applied: number it after that")
