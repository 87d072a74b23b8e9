"""Changes of the light log become raw lines; what Firehose refuses is put again, then named."""

from collections.abc import Sequence
from typing import Any

from lambdas.light_log_feed import LARGEST_RECORD, packed, plain, put_all
from schemas.raw import LIGHT_LOG, RawLightLog, read_lines


def change(number: int, size: int = 1, name: str = "MODIFY") -> dict[str, Any]:
    image = {"entity": {"S": f"route#{number}"}, "sk": {"S": "x" * size}, "usd_per_hour": {"N": "12.5"}}
    held = {"ApproximateCreationDateTime": 1716369573.887, "SequenceNumber": f"{number:021d}"}
    return {"eventName": name, "dynamodb": {**held, **({} if name == "REMOVE" else {"NewImage": image})}}


class Refusing:
    """A delivery stream that refuses the first record of a call so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.taken: list[bytes] = []
        self.calls: list[int] = []

    def put_record_batch(self, DeliveryStreamName: str, Records: Sequence[dict[str, bytes]]) -> dict[str, Any]:  # noqa: N803
        refused = self.times > 0
        self.times -= 1
        self.calls.append(sum(len(one["Data"]) for one in Records))
        self.taken += [one["Data"] for one in Records[int(refused) :]]
        answers: list[dict[str, str]] = [{"RecordId": "r"} for _ in Records]
        if refused:
            answers[0] = {"ErrorCode": "ServiceUnavailableException"}
        return {"FailedPutCount": int(refused), "RequestResponses": answers}


def lines_of(records: Sequence[bytes]) -> list[RawLightLog]:
    return [line for data in records for line in read_lines(LIGHT_LOG, data)]


def test_an_item_is_plain_and_keeps_its_change() -> None:
    (record,) = packed([change(3)])
    (line,) = lines_of([record.data])
    assert line == RawLightLog(
        sequence_number="000000000000000000003",
        changed_at_ms=1716369573887,
        item={"entity": "route#3", "sk": "x", "usd_per_hour": 12.5},
    )


def test_attributes_lose_their_types_only() -> None:
    nested = {"M": {"a": {"L": [{"N": "7"}, {"NULL": True}, {"BOOL": False}]}, "b": {"B": "cm93"}, "c": {"NS": ["1"]}}}
    assert plain(nested) == {"a": [7, None, False], "b": "cm93", "c": [1]}
    assert plain({"N": "9007199254740993"}) == 9007199254740993, "no float in between"


def test_an_entry_that_is_removed_has_no_line() -> None:
    assert packed([change(1, name="REMOVE")]) == []


def test_no_record_and_no_call_is_beyond_the_quotas_and_all_arrive_in_order() -> None:
    firehose = Refusing(0)
    records = packed([change(number, size=300_000) for number in range(20)])
    assert put_all(firehose, "s", records) is None  # type: ignore[arg-type]
    assert max(len(one.data) for one in records) <= LARGEST_RECORD
    assert len(records) == 7, "three lines of 300 kB in a record"
    assert max(firehose.calls) <= 4 * 1024 * 1024
    assert [line.item["entity"] for line in lines_of(firehose.taken)] == [f"route#{n}" for n in range(20)]


def test_what_is_refused_is_put_again() -> None:
    firehose, waits = Refusing(2), list[float]()
    assert put_all(firehose, "s", packed([change(n, size=900_000) for n in range(3)]), waits.append) is None  # type: ignore[arg-type]
    assert sorted(line.item["entity"] for line in lines_of(firehose.taken)) == ["route#0", "route#1", "route#2"]
    assert waits == [0.1, 0.2]


def test_what_stays_refused_is_named_by_its_first_sequence_number() -> None:
    firehose = Refusing(99)
    failed = put_all(firehose, "s", packed([change(n, size=900_000) for n in (5, 6)]), lambda _seconds: None)  # type: ignore[arg-type]
    assert failed == f"{5:021d}"
