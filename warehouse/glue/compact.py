"""Glue job: raw lines to clean tables."""

import sys

from warehouse.compact_command import said
from warehouse.compaction.compact import compact
from warehouse.settings import HistorySettings
from warehouse.storage import Store


def main() -> int:
    """Settings as for `python -m warehouse compact`; 1 if an object could not be read, so that the job fails where
    others are merged."""
    settings = HistorySettings.read()
    found = compact(Store(settings.raw_url), Store(settings.clean_url))
    print(said(found))
    for name, reason in found.unreadable.items():
        print(f"{name} cannot be read: {reason}")
    return bool(found.unreadable)


if __name__ == "__main__":
    sys.exit(main())
