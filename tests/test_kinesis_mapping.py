"""What a template says of a mapping is read whole, and AWS's defaults stand in for what it leaves out."""

from datetime import timedelta
from typing import Any

import pytest

from tests.kinesis_mapping import KinesisMapping, mapping_in


def template(**settings: Any) -> dict[str, Any]:
    """A stack with one function that reads a stream."""
    return {
        "Resources": {
            "semaforo1": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "semaforo-test"}},
            "quarantine2": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "quarantine-test"}},
            "mapping3": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {"FunctionName": {"Ref": "semaforo1"}, **settings},
            },
        }
    }


def test_what_is_not_said_is_as_aws_has_it() -> None:
    expected = KinesisMapping(
        function="semaforo-test",
        on_failure_queue=None,
        batch_size=100,
        bisect=False,
        reports=False,
        retry_attempts=None,
        max_record_age=None,
    )
    assert mapping_in(template()) == expected
    assert mapping_in(template(MaximumRetryAttempts=-1, MaximumRecordAgeInSeconds=-1)) == expected


def test_what_is_said_is_read() -> None:
    said = template(
        BatchSize=7,
        BisectBatchOnFunctionError=True,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=3,
        MaximumRecordAgeInSeconds=60,
        DestinationConfig={"OnFailure": {"Destination": {"Fn::GetAtt": ["quarantine2", "Arn"]}}},
    )
    assert mapping_in(said) == KinesisMapping(
        "semaforo-test", "quarantine-test", 7, bisect=True, reports=True, retry_attempts=3,
        max_record_age=timedelta(minutes=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    "settings", [{"ParallelizationFactor": 2}, {"TumblingWindowInSeconds": 5}, {"FilterCriteria": {"Filters": []}}]
)
def test_what_the_poller_does_not_do_is_not_passed_over(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="in order, whole"):
        mapping_in(template(**settings))
