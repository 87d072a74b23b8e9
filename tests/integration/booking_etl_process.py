"""The booking ETL as a process to be killed: it says `ready`, then reads and writes.

With `--watermark-first` it is the one that must not be: it sets the watermark, says so, and waits to be killed.
"""

from __future__ import annotations

import sys

import psycopg

from tests.integration.booking_system import KEY, NOW
from warehouse.booking.access import booking_dsn
from warehouse.booking.etl import Etl
from warehouse.booking.extract import snapshot
from warehouse.settings import HistorySettings
from warehouse.storage import Store

if __name__ == "__main__":
    settings = HistorySettings.read()
    stores = (Store(settings.raw_url), Store(settings.clean_url))
    print("ready", flush=True)
    with psycopg.connect(booking_dsn(), autocommit=True) as connection, snapshot(connection) as source:
        etl = Etl(source, *stores, KEY, NOW)
        if "--watermark-first" in sys.argv:
            etl.write_watermark()
            print("watermark written", flush=True)
            sys.stdin.read()
        etl.run()
