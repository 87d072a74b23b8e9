"""One event, or one line of a file, that comes alone: from a queue, where nobody sees the lines beside it.

Either a JSON object with Aeroméxico's field names, or `record` with the fields of that record of `schemas/events.py`:

    {"record": "FlightFinance", "event_id": …, "event_at": "2026-03-02T15:20:00Z", "source": "partner", …}
"""

import json
from datetime import datetime

import msgspec

from producers.publish import TOPIC_OF
from producers.sources.files.facts import events_of
from producers.sources.files.line import Defaults, LineError
from producers.sources.files.reading import LONGEST_LINE_BYTES, json_row
from producers.sources.files.source import convert, digest_of
from schemas.events import RECORDS, Event, RouteHeartbeat

CANONICAL = "record"


def events_of_message(text: str, defaults: Defaults, not_after: datetime) -> list[Event]:
    """The events of one message in order of event_at; the same message always gives the same ones, ids included.

    Raises LineError for whatever is wrong with it.
    """
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_LINE_BYTES:
        raise LineError("", f"is longer than {LONGEST_LINE_BYTES} bytes")
    canonical = _canonical(text)
    events = [canonical] if canonical is not None else _line(text, defaults)
    for event in events:
        if event.event_at > not_after:
            raise LineError("", f"would be known in the future, {event.event_at.isoformat()}")
    return sorted(events, key=lambda event: (event.event_at, event.event_id))


def _line(text: str, defaults: Defaults) -> list[Event]:
    row = json_row(1, text, {})
    if row.reason:
        raise LineError(row.field, row.reason)
    return [made.event for made in events_of(convert(row), 1, digest_of(row), defaults)]


def _canonical(text: str) -> Event | None:
    """The event, if the message says which record it is."""
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        return None  # the reader of lines says what is wrong with it
    if not isinstance(plain, dict) or CANONICAL not in plain:
        return None
    name = plain.pop(CANONICAL)
    record = RECORDS.get(name) if isinstance(name, str) else None
    if record is None or name not in TOPIC_OF or record is RouteHeartbeat:
        known = ", ".join(record for record in TOPIC_OF if record != RouteHeartbeat.__name__)
        raise LineError(CANONICAL, f"is {name!r}; known are {known}")
    if unknown := sorted(set(plain) - set(record.__struct_fields__)):
        raise LineError(unknown[0], f"is no field of {name}")
    try:
        return msgspec.convert(plain, record)
    except msgspec.ValidationError as error:
        raise LineError("", str(error)) from error
