"""A reader of one shard that calls a handler by the rules AWS documents for Kinesis event source mappings.

AWS Lambda Developer Guide, "Configuring partial batch response with Kinesis Data Streams and Lambda" and "Retain
discarded batch records": the records of a shard come in order, one batch at a time; a batch is done when the answer is
empty; a reported batch goes on from the lowest sequence number reported; an exception or a malformed report fails the
whole batch; with bisecting a failed batch of several records is halved (a reported one is cut at the report); what
fails more often than the retry limit goes to the on-failure destination and the shard goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Handler = Callable[[dict[str, Any], None], Any]


class KinesisPoller:
    """`read` takes all records of a shard through the handler; `discarded` is what the destination would be told of."""

    def __init__(
        self, handler: Handler, *, batch_size: int = 100, retry_attempts: int = 10, bisect: bool = True
    ) -> None:
        self._handler = handler
        self._batch_size = batch_size
        self._retry_attempts = retry_attempts
        self._bisect = bisect
        self.invocations = 0
        self.discarded: list[str] = []

    def read(self, records: Sequence[Mapping[str, Any]]) -> None:
        """All records, in order, until each is done or discarded."""
        for start in range(0, len(records), self._batch_size):
            self._finish(records[start : start + self._batch_size], self._retry_attempts)

    def _finish(self, batch: Sequence[Mapping[str, Any]], attempts_left: int) -> None:
        done, whole_failed = self._invoke(batch)
        rest = batch[done:]
        if not rest:
            return
        if whole_failed and self._bisect and len(rest) > 1:
            # Halving a batch does not count as a retry.
            middle = (len(rest) + 1) // 2
            self._finish(rest[:middle], attempts_left)
            self._finish(rest[middle:], attempts_left)
        elif attempts_left == 0:
            self.discarded += [_sequence_number(record) for record in rest]
        else:
            self._finish(rest, attempts_left - 1)

    def _invoke(self, batch: Sequence[Mapping[str, Any]]) -> tuple[int, bool]:
        """How many records from the start are done, and whether the batch failed as a whole."""
        self.invocations += 1
        try:
            answer = self._handler({"Records": list(batch)}, None)
        except Exception:
            return 0, True
        failures = (answer or {}).get("batchItemFailures") or []
        numbers = [_sequence_number(record) for record in batch]
        reported = [failure.get("itemIdentifier") for failure in failures]
        if not reported:
            return len(batch), False
        if any(one not in numbers for one in reported):
            return 0, True
        return min(numbers.index(one) for one in reported), False


def _sequence_number(record: Mapping[str, Any]) -> str:
    number: str = record["kinesis"]["sequenceNumber"]
    return number
