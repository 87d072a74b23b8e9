"""What Redshift is told by hand, once: the external schema over the clean tables, the star's schema, and a COPY.

`.venv/bin/python -m warehouse.redshift NAME=VALUE …` fills the blanks and prints it, to be pasted or piped.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from warehouse.catalogue import catalogue

FOLDER: Final = Path(__file__).parent
_REDSHIFT_TYPES: Final = {
    "string": "VARCHAR(65535)",
    "bigint": "BIGINT",
    "double": "DOUBLE PRECISION",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
}


def statements(blanks: Mapping[str, str]) -> dict[str, str]:
    """Each file's SQL by its stem, in order, with its blanks filled. KeyError names one that is not given."""
    return {path.stem: path.read_text(encoding="utf-8").format_map(_Blanks(blanks)) for path in sorted(_files())}


def blanks_of() -> list[str]:
    """The blanks that a person fills."""
    return ["clean_bucket", "database", "jobs_user", "month", "reader_role"]


def _files() -> list[Path]:
    return list(FOLDER.glob("*.sql"))


class _Blanks(dict[str, str]):
    """Those given, and `columns` of the clean flights."""

    def __missing__(self, name: str) -> str:
        if name != "columns":
            raise KeyError(name)
        (flight,) = [table for table in catalogue() if table.name == "flight"]
        return ",\n".join(f"    {column.name} {_REDSHIFT_TYPES[column.type]}" for column in flight.columns)
