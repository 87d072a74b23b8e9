"""The compaction as a Glue job: `--raw s3://…`, `--clean s3://…`; Glue adds arguments of its own."""

import argparse
import sys
from collections.abc import Sequence

from warehouse.compact_command import said
from warehouse.compaction.compact import compact
from warehouse.storage import Store


def main(arguments: Sequence[str]) -> int:
    """Merge what is new; 1 if an object could not be read, for the job to fail where others are merged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", required=True)
    parser.add_argument("--clean", required=True)
    given, _ = parser.parse_known_args(arguments)
    found = compact(Store(given.raw), Store(given.clean))
    print(said(found))
    for name, reason in found.unreadable.items():
        print(f"{name} cannot be read: {reason}")
    return bool(found.unreadable)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
