"""A file of a partner → events on the topics, and what of it was refused.

Published first, marked as done last: a function that dies in between publishes the file again, with the same ids, and
the KPI job keeps the first of each. A second delivery of what is done changes nothing.
"""

import tempfile
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import boto3
import msgspec

from lambdas.feed_settings import FEED_AWS_CONFIG, KafkaSettings
from lambdas.kafka_sender import KafkaSender, latest_event_at
from lambdas.partner_bucket import FileTooLargeError, PartnerBucket, PartnerObject
from producers.sources.files.line import Defaults
from producers.sources.files.reading import UnreadableFileError
from producers.sources.files.source import FilesSource, Reject

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_LINES: Final = 100_000
"""Events of a line take 3.4 kB of memory until they are sorted: 340 MB, beside some 200 that a file of 64 MB takes."""


class FileOutcome(msgspec.Struct, frozen=True):
    """What became of a file: "published", "rejected" (nothing of it could be read), "known", or "gone"."""

    key: str
    outcome: str
    lines: int = 0
    events: int = 0
    rejects: int = 0
    at: datetime | None = None


@cache
def worker() -> tuple[PartnerBucket, KafkaSender]:
    """Made at the first invocation; a wrong setting fails it with its name."""
    return PartnerBucket(boto3.client("s3", config=FEED_AWS_CONFIG)), KafkaSender(KafkaSettings.read())


def handler(event: dict[str, Any], _context: object) -> list[dict[str, Any]]:
    """The entry point AWS Lambda calls; what it raises is delivered again."""
    bucket, sender = worker()
    outcomes = []
    for record in event.get("Records", []):  # S3 tests a new notification with an event that has none
        outcome = process(PartnerObject.of_record(record), bucket, sender)
        print(msgspec.json.encode(outcome).decode())
        outcomes.append(msgspec.to_builtins(outcome))
    return outcomes


def process(source: PartnerObject, bucket: PartnerBucket, sender: KafkaSender) -> FileOutcome:
    """One file, from the bucket to the topics. Raises what KafkaSender raises, and what S3 refuses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{source.suffix}"
        try:
            digest = bucket.download(source, path, MOST_BYTES)
        except FileTooLargeError as error:
            bucket.put_rejects(source, [Reject(source.name, 0, "", "", str(error))])
            return FileOutcome(source.key, "rejected", rejects=1)
        if digest is None:
            return FileOutcome(source.key, "gone")
        if bucket.is_done(source, digest):
            return FileOutcome(source.key, "known")
        outcome, rejects = _publish(source, path, sender)
    if rejects:
        bucket.put_rejects(source, rejects)
    bucket.put_done(source, digest, outcome)
    return outcome


def _publish(source: PartnerObject, path: Path, sender: KafkaSender) -> tuple[FileOutcome, list[Reject]]:
    now = datetime.now(UTC)
    try:
        files = FilesSource([path], Defaults(source=source.partner), max_lines=MOST_LINES, not_after=latest_event_at())
    except UnreadableFileError as error:
        reason = str(error).replace(str(path), source.name)
        return FileOutcome(source.key, "rejected", rejects=1, at=now), [Reject(source.name, 0, "", "", reason)]
    events = files.total() or 0
    if events:
        sender.send(files.events())
    # The file is called by its name in the bucket, not by where it lay while it was read.
    rejects = [
        msgspec.structs.replace(reject, file=source.name, reason=reject.reason.replace(str(path), source.name))
        for reject in files.rejects
    ]
    return FileOutcome(source.key, "published", files.lines, events, len(rejects), now), rejects
