"""Raw lines to Firehose, from one machine: packed, compressed, and put until they are taken.

The local cloud makes an object of each record, so a record is as large as it may be, and gzip as AWS would make it:
that is less than half, and the local cloud also keeps every record in its memory.
"""

from __future__ import annotations

import gzip
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from schemas.raw import delivery_stream, objects_of, prefix

LARGEST_RECORD: Final = 1_000 * 1024
RECORDS_A_CALL: Final = 4
"""Firehose's quotas: 1,000 KiB a record, 4 MiB a call."""

LARGEST_PACK: Final = 4 * 1024 * 1024
"""Of lines before they are compressed; what is still too large then is packed anew in halves. Base64 of noise shrinks
to 77 %, so a message of up to 900 KB fits a record whatever it holds."""

FASTEST: Final = 1
"""Of zlib's levels: 1 MB of made-up lines took 20 ms to 41 % of it, the default level 29 ms to 39 %."""

FIRST_WAIT_SECONDS: Final = 0.1
LONGEST_WAIT_SECONDS: Final = 5.0


class Stopped(Exception):  # noqa: N818 - no error: it was told to end while it waited
    """Told to end before Firehose took everything; nothing of it may count as delivered."""


def pack(lines: Sequence[bytes], largest: int = LARGEST_RECORD) -> Iterator[bytes]:
    """Compressed objects of at most `largest` bytes that hold the lines, in order.

    Only a line that cannot be made smaller than that has a larger one of its own.
    """
    for plain in objects_of(lines, LARGEST_PACK):
        # Without a time in it: the same lines are the same bytes.
        packed = gzip.compress(plain, FASTEST, mtime=0)
        if len(packed) <= largest:
            yield packed
            continue
        halves = [line + b"\n" for line in plain.split(b"\n")[:-1]]
        if len(halves) == 1:
            yield packed
            continue
        middle = len(halves) // 2
        yield from pack(halves[:middle], largest)
        yield from pack(halves[middle:], largest)


class Delivery:
    """Puts lines to the delivery streams of a stage; `stopping` says whether to give up waiting."""

    def __init__(
        self,
        firehose: Any,
        s3: Any,
        stage: str,
        bucket: str,
        stopping: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._firehose = firehose
        self._s3 = s3
        self._stage = stage
        self._bucket = bucket
        self._stopping = stopping
        self._sleep = sleep

    def put(self, topic: str, lines: Sequence[bytes]) -> int:
        """Put lines of a topic; on return all are stored. Returns the number of objects. Raises Stopped."""
        objects = list(pack(lines))
        for large in (one for one in objects if len(one) > LARGEST_RECORD):
            self._insist(lambda large=large: self._put_large(topic, large))  # type: ignore[misc]
        records = [one for one in objects if len(one) <= LARGEST_RECORD]
        for start in range(0, len(records), RECORDS_A_CALL):
            self._put_all(topic, records[start : start + RECORDS_A_CALL])
        return len(objects)

    def _put_all(self, topic: str, records: list[bytes]) -> None:
        left = records

        def put() -> bool:
            nonlocal left
            answer = self._firehose.put_record_batch(
                DeliveryStreamName=delivery_stream(self._stage, topic), Records=[{"Data": one} for one in left]
            )
            said = zip(left, answer["RequestResponses"], strict=True)
            left = [one for one, response in said if "ErrorCode" in response]
            return not left

        self._insist(put)

    def _put_large(self, topic: str, data: bytes) -> bool:
        """What no Firehose record can hold, a message of a megabyte of noise, goes to its place in the bucket."""
        name = f"{prefix(topic, datetime.now(UTC).date().isoformat())}large-{uuid.uuid4()}"
        self._s3.put_object(Bucket=self._bucket, Key=name, Body=data)
        return True

    def _insist(self, put: Callable[[], bool]) -> None:
        """Until it says that all is stored: a cloud that is away or full is waited for."""
        wait = FIRST_WAIT_SECONDS
        while True:
            try:
                if put():
                    return
                reason = "records were refused"
            except (ClientError, BotoCoreError) as error:
                reason = str(error)
            if self._stopping():
                raise Stopped
            if wait == FIRST_WAIT_SECONDS:
                print(f"forwarder: put again: {reason}", flush=True)
            self._sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
