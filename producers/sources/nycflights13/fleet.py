"""Which aircraft flew, and how many seats it has.

The planes table of the data set is the US registry of years later: a tail may since have moved to a helicopter, and its
seats are what the type is certified for or a slip (Embraer 190 as 20, A321 as 379). So a row of it is believed only if
the carrier flew that type in 2013, and its seats only if they are close to that carrier's published cabin
(`seats.csv`: fleet tables of the carriers' annual reports and their seat maps of 2013) and legal. Otherwise the type
comes from the carrier's own numbering of tails, and the seats from the published cabin.
"""

from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from producers.sources.nycflights13.dataset import read_planes

PUBLISHED: Final = Path(__file__).with_name("seats.csv")
CLOSE: Final = 0.10  # of the published seats: cabins of one type differ by a row or two within a carrier

# Certified passengers (type certificates) where the registry counts the crew in, so that 55 is not close to 50.
MOST_SEATS: Final = {"CRJ2": 50, "CRJ7": 78, "CRJ9": 90, "E145": 50, "E190": 114, "A319": 156, "A320": 180, "A321": 220}

MODELS: Final = (  # pattern of the registry's model -> ICAO type
    ("EMB-145", "E145"),
    ("ERJ 190", "E190"),
    ("CL-600-2B19", "CRJ2"),
    ("CL-600-2C10", "CRJ7"),
    ("CL-600-2D24", "CRJ9"),
    ("A319", "A319"),
    ("A320", "A320"),
    ("A321", "A321"),
    ("A330-2", "A332"),
    ("A330-3", "A333"),
    ("717-2", "B712"),
    ("737-3", "B733"),
    ("737-4", "B734"),
    ("737-5", "B735"),
    ("737-7", "B737"),
    ("737-8", "B738"),
    ("737-9", "B739"),
    ("747-4", "B744"),
    ("757-2", "B752"),
    ("757-3", "B753"),
    ("767-2", "B762"),
    ("767-3", "B763"),
    ("767-4", "B764"),
    ("777-2", "B772"),
    ("787-8", "B788"),
    (r"MD-8[23]", "MD82"),
    ("MD-88", "MD88"),
    ("MD-90", "MD90"),
    ("DC-9-5", "DC95"),
)
# Carriers' numbering, for tails the registry does not know or knows as something the carrier does not fly. The first
# match counts; the last line of a carrier is what it flew most. Checked against block speeds: American's N3xx letters
# cruise like 737-800s, its N5xx letters like 757s; Eagle's N5xx like CRJ-700s, N7xx and N8xx slower like ERJ-135/140s.
TAILS: Final = (
    ("AA", r"^N3[A-Z]", "B738"),
    ("AA", r"^N(5|7)[A-Z]|^N6\d\d", "B752"),
    ("AA", r"^N3[1-3]\d", "B762"),
    ("AA", r"^N3[4-9]\d", "B763"),
    ("AA", "", "MD82"),
    ("MQ", r"^N6\d\d|^N9\d\d", "E145"),
    ("MQ", r"^N7\d\d", "E135"),
    ("MQ", r"^N8\d\d", "E140"),
    ("MQ", "", "CRJ7"),
    ("B6", r"^N[1-3]\d\d", "E190"),
    ("B6", "", "A320"),
    ("UA", r"^N5\d\dUA", "B752"),
    ("UA", r"^N(76|69|73)1\d\d", "B762"),
    ("UA", r"^N\d\d6\d\d", "B735"),
    ("UA", "", "B738"),
    ("US", r"^N4\d\dU[SW]", "B734"),
    ("US", r"^N9\d\dUW", "E190"),
    ("US", "", "A319"),
    ("FL", r"^N[23]\d\dAT", "B737"),
    ("FL", "", "B712"),
    ("DL", r"^N7\d\dNC", "DC95"),
    ("DL", "", "MD88"),
    ("WN", r"^N5\d\dSW", "B735"),
    ("WN", "", "B737"),
    ("9E", "", "CRJ9"),
    ("EV", "", "E145"),
    ("F9", "", "A320"),
    ("VX", "", "A320"),
    ("AS", "", "B738"),
    ("HA", "", "A332"),
    ("YV", "", "CRJ7"),
    ("OO", "", "CRJ7"),
)


def with_aircraft(table: pl.DataFrame) -> pl.DataFrame:
    """Adds `aircraft_type` (ICAO), `seats`, and `seats_from` (planes, published); null and 0 where no tail is known.

    A cancelled flight has no tail of its own in the data set (2,512 of 2,512 missing tails are cancelled).
    """
    carriers_tails = table.select("carrier", "tailnum").unique().drop_nulls()
    return table.join(aircraft(carriers_tails), on=["carrier", "tailnum"], how="left").with_columns(
        pl.col("seats").fill_null(0)
    )


def aircraft(carriers_tails: pl.DataFrame) -> pl.DataFrame:
    """`carrier`, `tailnum` -> `aircraft_type`, `seats`, `seats_from`."""
    registered = carriers_tails.join(read_planes(), on="tailnum", how="left").with_columns(
        _first_match(pl.col("model"), MODELS).alias("type"), pl.col("seats").alias("registered_seats")
    )
    flown = registered.drop("seats").join(published(), on=["carrier", "type"], how="left")
    numbered = flown.with_columns(
        pl.when(pl.col("seats").is_null()).then(_numbered()).otherwise("type").alias("aircraft_type"),
        pl.col("seats").is_null().alias("unknown"),
    ).drop("seats")
    seated = numbered.join(published().rename({"type": "aircraft_type"}), on=["carrier", "aircraft_type"], how="left")
    legal = pl.col("registered_seats") <= pl.col("aircraft_type").replace_strict(MOST_SEATS, default=10_000)
    close = (pl.col("registered_seats") - pl.col("seats")).abs() <= CLOSE * pl.col("seats")
    believed = (legal & close & ~pl.col("unknown")).fill_null(value=False)
    return seated.select(
        "carrier",
        "tailnum",
        "aircraft_type",
        pl.when(believed).then("registered_seats").otherwise("seats").cast(pl.Int64).alias("seats"),
        pl.when(believed).then(pl.lit("planes")).otherwise(pl.lit("published")).alias("seats_from"),
    )


@cache
def published() -> pl.DataFrame:
    """`carrier`, `type`, `seats` of the cabins of 2013."""
    return pl.read_csv(PUBLISHED)


def _numbered() -> pl.Expr:
    matches = [
        pl.when((pl.col("carrier") == carrier) & pl.col("tailnum").str.contains(pattern)).then(pl.lit(kind))
        for carrier, pattern, kind in TAILS
    ]
    return pl.coalesce(matches)


def _first_match(model: pl.Expr, patterns: tuple[tuple[str, str], ...]) -> pl.Expr:
    return pl.coalesce([pl.when(model.str.contains(pattern)).then(pl.lit(kind)) for pattern, kind in patterns])
