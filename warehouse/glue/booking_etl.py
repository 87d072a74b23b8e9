"""The booking ETL as a Glue Python shell job: the job's arguments become the variables that the command reads.

`--SEMAFORO_CLEAN_URL s3://…` and so on; the secrets' ARNs are arguments too, never the secrets.
"""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from warehouse.booking.access import booking_dsn, masking_key
from warehouse.booking.etl import Outcome, run_etl
from warehouse.settings import HistorySettings
from warehouse.storage import Store

_OURS = "--SEMAFORO_"


def variables(arguments: Sequence[str]) -> dict[str, str]:
    """Ours among the arguments of a job, which come as `--NAME value` or `--NAME=value` between Glue's own."""
    found: dict[str, str] = {}
    for place, word in enumerate(arguments):
        if word.startswith(_OURS):
            name, joined, value = word.removeprefix("--").partition("=")
            found[name] = value if joined else arguments[place + 1]
    return found


def run(arguments: Sequence[str]) -> Outcome:
    """What `python -m warehouse booking etl` does; an exception fails the job's run."""
    environment = {**os.environ, **variables(arguments)}
    settings = HistorySettings.read(environment)
    stores = (Store(settings.raw_url), Store(settings.clean_url))
    return run_etl(booking_dsn(environment), *stores, masking_key(environment), datetime.now(UTC), say=print)


if __name__ == "__main__":
    print(run(sys.argv[1:]))
