"""Packing loses and reorders nothing, keeps to Firehose's quotas, and insists."""

import gzip
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deploy.local.delivery import LARGEST_RECORD, Delivery, Stopped, pack

lines = st.lists(
    st.binary(max_size=300).map(lambda data: data.replace(b"\n", b" ").replace(b"\r", b" ") + b"\n"), max_size=60
)


@given(lines, st.integers(200, 2_000))
@example(given=[b"\n", *(bytes(range(14 + at, 254, 2)) + b"\n" for at in (0, 1))], largest=200)
def test_the_objects_hold_the_lines_and_keep_to_the_limit(given: list[bytes], largest: int) -> None:
    objects = list(pack(given, largest))
    assert b"".join(map(gzip.decompress, objects)) == b"".join(given)
    for one in objects:
        assert len(one) <= largest or gzip.decompress(one).count(b"\n") == 1


def test_noise_that_shrinks_little_is_packed_within_the_quota() -> None:
    noise = random.Random(7)
    given = [noise.randbytes(50_000).hex().encode() + b"\n" for _ in range(60)]
    objects = list(pack(given))
    assert len(objects) > 2
    assert max(map(len, objects)) <= LARGEST_RECORD
    assert b"".join(map(gzip.decompress, objects)) == b"".join(given)


class Flaky:
    """A delivery stream that refuses its first `times` records, and a bucket."""

    def __init__(self, times: int = 0) -> None:
        self.times = times
        self.taken: list[bytes] = []
        self.objects: dict[str, bytes] = {}

    def put_record_batch(self, DeliveryStreamName: str, Records: Sequence[dict[str, bytes]]) -> dict[str, Any]:  # noqa: N803
        assert DeliveryStreamName == "semaforo-test-raw-flight-status"
        assert len(Records) <= 4
        answers: list[dict[str, str]] = []
        for one in Records:
            if self.times:
                self.times -= 1
                answers.append({"ErrorCode": "ServiceUnavailableException"})
            else:
                self.taken.append(one["Data"])
                answers.append({"RecordId": "r"})
        return {"RequestResponses": answers}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        self.objects[f"{Bucket}/{Key}"] = Body


def test_what_is_refused_is_put_again_and_nothing_twice() -> None:
    firehose = Flaky(times=3)
    noise = random.Random(1)
    given = [noise.randbytes(400_000).hex().encode() + b"\n" for _ in range(9)]
    waits: list[float] = []
    Delivery(firehose, firehose, "test", "raw", sleep=waits.append).put("flight-status", given)
    taken = sorted(line for one in firehose.taken for line in gzip.decompress(one).splitlines(keepends=True))
    assert taken == sorted(given)
    assert waits


def test_one_that_is_told_to_end_does_not_say_that_it_delivered() -> None:
    firehose = Flaky(times=1_000)
    with pytest.raises(Stopped):
        Delivery(firehose, firehose, "test", "raw", stopping=lambda: True).put("flight-status", [b"{}\n"])


def test_a_line_no_record_can_hold_goes_to_its_place_in_the_bucket() -> None:
    firehose = Flaky()
    large = random.Random(3).randbytes(2_000_000).replace(b"\n", b" ") + b"\n"
    Delivery(firehose, firehose, "test", "raw").put("flight-status", [b"{}\n", large])
    ((key, body),) = firehose.objects.items()
    assert key.startswith("raw/topic=flight-status/date=")
    assert gzip.decompress(body) == large
    assert [gzip.decompress(one) for one in firehose.taken] == [b"{}\n"]
