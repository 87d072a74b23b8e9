"""A reader of one shard that calls a handler by the rules AWS documents for Kinesis event source mappings.

AWS Lambda Developer Guide, "Configuring partial batch response with Kinesis Data Streams and Lambda", "Retain
discarded batch records" and "Batching behavior": the records of a shard come in order, one batch at a time, of as many
records as the mapping says and no more than 6 MB; a batch is done when the answer is empty; a reported batch goes on
from the lowest sequence number reported; an exception or a malformed report fails the whole batch; with bisecting a
failed batch of several records is halved, which does not count as a retry, and a reported one is cut at the report.
What fails more often than the retry limit, or grows older than the record age, goes to the on-failure destination, and
the shard goes on.

Where the guide is silent, the rule that is harder on the handler: a batch that goes on from a report has used up a
retry, also when it got further than before.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from tests.kinesis_mapping import KinesisMapping

Handler = Callable[[dict[str, Any], None], Any]
Record = Mapping[str, Any]
Records = Sequence[Record]
PAYLOAD_BYTES = 6 * 1024 * 1024
"""Of an event as JSON, base64 included."""


class Discarded(NamedTuple):
    """Records that the handler will not see again, and what led to it; `raised`: the last invocation did."""

    records: Records
    condition: Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]
    invocations: int
    raised: bool


class Piece(NamedTuple):
    """Records that are delivered together: a batch, or what is left of one."""

    records: Records
    retries: int = 0
    invocations: int = 0
    raised: bool = False


class Answer(NamedTuple):
    """How many records from the start are done, whether all failed as one, and whether that was by an exception."""

    done: int
    whole_failed: bool = False
    raised: bool = False


def now() -> datetime:
    return datetime.now(UTC)


class KinesisPoller:
    """`read` takes records of a shard through the handler; what it gives up is told to the destination and kept."""

    def __init__(
        self,
        handler: Handler,
        mapping: KinesisMapping,
        destination: Callable[[Discarded], None] = lambda _: None,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._handler, self._mapping, self._destination, self._clock = handler, mapping, destination, clock
        self.invocations = 0
        self.given_up: list[Discarded] = []

    @property
    def discarded(self) -> list[str]:
        """The sequence numbers that were given up, in order."""
        return [sequence_number(record) for discarded in self.given_up for record in discarded.records]

    def read(self, records: Records) -> None:
        """All records, in order, until each is done or discarded."""
        for batch in _batches(records, self._mapping.batch_size):
            waiting = [Piece(batch)]
            while waiting:
                waiting += reversed(self._deliver(self._young(waiting.pop())))

    def _deliver(self, piece: Piece) -> list[Piece]:
        """One invocation; what has to be delivered after it, in order."""
        if not piece.records:
            return []
        answer = self._invoke(piece.records)
        rest = piece._replace(
            records=piece.records[answer.done :], invocations=piece.invocations + 1, raised=answer.raised
        )
        if not rest.records:
            return []
        if answer.whole_failed and self._mapping.bisect and len(rest.records) > 1:
            middle = (len(rest.records) + 1) // 2
            return [rest._replace(records=rest.records[:middle]), rest._replace(records=rest.records[middle:])]
        if rest.retries == self._mapping.retry_attempts:
            self._discard(rest, "RetryAttemptsExhausted")
            return []
        return [rest._replace(retries=rest.retries + 1)]

    def _young(self, piece: Piece) -> Piece:
        """Without the records at its beginning that are too old by now."""
        if self._mapping.max_record_age is None:
            return piece
        oldest = self._clock() - self._mapping.max_record_age
        count = 0
        while count < len(piece.records) and arrived_at(piece.records[count]) < oldest:
            count += 1
        if count:
            self._discard(piece._replace(records=piece.records[:count]), "RecordAgeExceeded")
        return piece._replace(records=piece.records[count:])

    def _discard(self, piece: Piece, condition: Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]) -> None:
        self.given_up.append(Discarded(piece.records, condition, piece.invocations, piece.raised))
        self._destination(self.given_up[-1])

    def _invoke(self, records: Records) -> Answer:
        self.invocations += 1
        try:
            answer = self._handler({"Records": list(records)}, None)
        except Exception:
            return Answer(0, whole_failed=True, raised=True)
        failures = (answer or {}).get("batchItemFailures") if self._mapping.reports else None
        if not failures:
            return Answer(len(records))
        numbers = [sequence_number(record) for record in records]
        reported = [failure.get("itemIdentifier") for failure in failures]
        if any(one not in numbers for one in reported):
            return Answer(0, whole_failed=True)
        return Answer(min(numbers.index(one) for one in reported))


def _batches(records: Records, most_records: int) -> Iterator[Records]:
    """A batch is closed before it gets too large; a record that is too large alone comes alone."""
    around = len('{"Records": []}') - len(", ")
    begin, size = 0, around
    for number, record in enumerate(records):
        more = len(", ") + len(json.dumps(record))
        if number > begin and (number - begin == most_records or size + more > PAYLOAD_BYTES):
            yield records[begin:number]
            begin, size = number, around
        size += more
    if begin < len(records):
        yield records[begin:]


def sequence_number(record: Record) -> str:
    """A record's place in its shard."""
    number: str = record["kinesis"]["sequenceNumber"]
    return number


def arrived_at(record: Record) -> datetime:
    """When the stream took a record, as the event says it: seconds since the epoch."""
    return datetime.fromtimestamp(record["kinesis"]["approximateArrivalTimestamp"], UTC)
