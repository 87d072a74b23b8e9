"""What the star knows beside the clean tables: airports of airportsdata and the seasons of the rules, as dbt seeds.

`python -m warehouse.star_seeds` writes them; a test holds the files to their sources.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import airportsdata

from rules.season import HIGH_SEASONS

DBT_FOLDER: Final = Path(__file__).parent / "dbt"

# airportsdata files these under a neighbour's zone; the producers read airports with the same corrections.
ZONE_CORRECTIONS: Final = {
    "CUU": "America/Chihuahua",
    "CJS": "America/Ciudad_Juarez",
    "REX": "America/Matamoros",
    "MAM": "America/Matamoros",
    "NLD": "America/Matamoros",
    "PDS": "America/Matamoros",
}


def seeds() -> dict[str, str]:
    """File name to CSV text."""
    airports = [
        # DuckDB guesses how a quote inside a quoted name is written, and guesses wrong: there are 30 such names.
        (
            code,
            one["name"].replace('"', "'"),
            one["city"],
            one["country"],
            one["lat"],
            one["lon"],
            ZONE_CORRECTIONS.get(code, one["tz"]),
        )
        for code, one in sorted(airportsdata.load("IATA").items())
    ]
    seasons = [(season, *first, *last) for season, (first, last) in HIGH_SEASONS.items()]
    return {
        "airport.csv": _csv(("airport", "name", "city", "country", "latitude", "longitude", "time_zone"), airports),
        "season.csv": _csv(("season", "first_month", "first_day", "last_month", "last_day"), seasons),
    }


def _csv(columns: tuple[str, ...], rows: Sequence[tuple[str | int | float, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue()


if __name__ == "__main__":
    for name, text in seeds().items():
        (DBT_FOLDER / "seeds" / name).write_text(text, encoding="utf-8")
