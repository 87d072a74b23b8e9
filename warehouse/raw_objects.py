"""Raw as it lies in the bucket, line by line, with what cannot be read told apart."""

import re
from collections.abc import Iterator
from typing import Final

from schemas.errors import InvalidMessage
from schemas.raw import RawLine, plain, read_lines
from warehouse.storage import Store

ERRORS: Final = "errors"
"""Where Firehose puts what it could not transform or deliver."""

_DATE: Final = re.compile(r"topic=[^/]+/date=(\d{4}-\d{2}-\d{2})/")


def read(store: Store, topic: str) -> Iterator[RawLine | InvalidMessage]:
    """Every line of a topic, by object; an InvalidMessage in the place of each that is none."""
    for stored in store.list(f"topic={topic}"):
        if not _DATE.match(stored.name):
            yield InvalidMessage(f"{stored.name}: lies in no date")
            continue
        yield from _lines(topic, stored.name, store.read(stored.name))


def _lines(topic: str, name: str, data: bytes) -> Iterator[RawLine | InvalidMessage]:
    try:
        # All of it or none: a line that is none ends the reading of its object, and the others are read one by one.
        yield from list(read_lines(topic, data))
    except InvalidMessage:
        for number, line in enumerate(plain(data).split(b"\n"), start=1):
            try:
                yield from read_lines(topic, line)
            except InvalidMessage as error:
                yield InvalidMessage(f"{name}, line {number}: {error.reason}")
    except (OSError, EOFError) as error:
        yield InvalidMessage(f"{name}: {error}")
