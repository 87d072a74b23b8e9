"""How a function is to be fed from a Kinesis stream, as a template says it; what it leaves out is AWS's default."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

KIND = "AWS::Lambda::EventSourceMapping"
FOR_EVER = -1
NAME_OF = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::SQS::Queue": "QueueName",
}


class KinesisMapping(NamedTuple):
    """The settings of one event source mapping; None where there is no limit or no destination.

    Defaults as in the AWS Lambda Developer Guide, "Lambda parameters for Amazon Kinesis Data Streams event source
    mappings".
    """

    function: str
    on_failure_queue: str | None = None
    batch_size: int = 100
    bisect: bool = False
    reports: bool = False
    retry_attempts: int | None = None
    max_record_age: timedelta | None = None


def mapping_in(template: Mapping[str, Any]) -> KinesisMapping:
    """The one mapping of a synthesised template.

    ValueError if there are several, or with something set that the poller of the tests does not do.
    """
    (properties,) = [one["Properties"] for one in template["Resources"].values() if one["Type"] == KIND]
    concurrent, window = properties.get("ParallelizationFactor", 1), properties.get("TumblingWindowInSeconds", 0)
    if (concurrent, window, "FilterCriteria" in properties) != (1, 0, False):
        raise ValueError("the poller reads a shard in order, whole, and without windows")
    destination = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    retries = properties.get("MaximumRetryAttempts", FOR_EVER)
    age_seconds = properties.get("MaximumRecordAgeInSeconds", FOR_EVER)
    return KinesisMapping(
        function=_name(template, properties["FunctionName"]),
        on_failure_queue=_name(template, destination) if destination else None,
        batch_size=properties.get("BatchSize", 100),
        bisect=properties.get("BisectBatchOnFunctionError", False),
        reports="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        retry_attempts=None if retries == FOR_EVER else retries,
        max_record_age=None if age_seconds == FOR_EVER else timedelta(seconds=age_seconds),
    )


def _name(template: Mapping[str, Any], reference: Mapping[str, Any]) -> str:
    """What a resource that is referred to is called in AWS."""
    logical_id = reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0]
    resource = template["Resources"][logical_id]
    name: str = resource["Properties"][NAME_OF[resource["Type"]]]
    return name
