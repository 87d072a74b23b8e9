"""One shard of a real stream: records in, and out again as Lambda hands them on, from any sequence number."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from tests.kinesis_poller import Record, sequence_number


class KinesisShard:
    """A stream of one shard that no function reads."""

    def __init__(self, kinesis: Any, stream: str) -> None:
        self._kinesis, self._stream = kinesis, stream
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
        described = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
        self._arn, self._shard = described["StreamARN"], described["Shards"][0]["ShardId"]

    def put(self, records: Iterable[bytes]) -> list[Record]:
        """In this order; the records as an event brings them."""
        numbers = [
            self._kinesis.put_record(StreamName=self._stream, Data=one, PartitionKey="7")["SequenceNumber"]
            for one in records
        ]
        return self._records(numbers[0], numbers[-1]) if numbers else []

    def replay(self, failure: Mapping[str, Any]) -> list[Record]:
        """The records that a message of the on-failure destination speaks of."""
        batch = failure["KinesisBatchInfo"]
        assert (batch["streamArn"], batch["shardId"]) == (self._arn, self._shard)
        records = self._records(batch["startSequenceNumber"], batch["endSequenceNumber"])
        assert len(records) == batch["batchSize"]
        return records

    def _records(self, first: str, last: str) -> list[Record]:
        iterator = self._kinesis.get_shard_iterator(
            StreamName=self._stream,
            ShardId=self._shard,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=first,
        )["ShardIterator"]
        found: list[Record] = []
        while not found or sequence_number(found[-1]) != last:
            answer = self._kinesis.get_records(ShardIterator=iterator, Limit=1_000)
            assert answer["Records"], f"the shard ends before {last}"
            found += [self._as_event_record(one) for one in answer["Records"]]
            iterator = answer["NextShardIterator"]
            found = found[: 1 + next((n for n, one in enumerate(found) if sequence_number(one) == last), len(found))]
        return found

    def _as_event_record(self, record: Mapping[str, Any]) -> Record:
        return {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": record["PartitionKey"],
                "sequenceNumber": record["SequenceNumber"],
                "data": base64.b64encode(record["Data"]).decode(),
                "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{self._shard}:{record['SequenceNumber']}",
            "eventName": "aws:kinesis:record",
            "eventSourceARN": self._arn,
        }
