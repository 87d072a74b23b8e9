"""The figures of the running stack, named as AWS names them: asked of the brokers, of Flink and of the local cloud.

What does not answer has no figure, as in CloudWatch; a job that does not answer has been down since it last did.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import KafkaException

from deploy.local import job
from deploy.local.stack import Stack
from deploy.watch import broker_alarms, job_alarms, live_alarms
from deploy.watch.alarm import Alarm
from deploy.watch.alarms import DEPLOYING
from deploy.watch.figures import Figures
from schemas.metrics import METRICS, NAMESPACE

MEASURED: Final[dict[str, Alarm]] = {
    alarm.name: alarm
    for alarm in (
        broker_alarms.OFFLINE,
        *broker_alarms.UNDER_REPLICATED,
        broker_alarms.NO_CONTROLLER,
        job_alarms.DOWN,
        job_alarms.RESTARTS,
        job_alarms.CHECKPOINTS_FAILED,
        job_alarms.CHECKPOINT_SLOW,
        *(kind[name] for kind in (live_alarms.ERRORS, live_alarms.SLOW) for name in live_alarms.LIVE),
        live_alarms.ITERATOR_AGE,
        live_alarms.QUARANTINE,
        live_alarms.UNDELIVERED,
        live_alarms.OUTBOX_AGE,
        live_alarms.SWEEPER_GONE,
        *live_alarms.BURNS,
        DEPLOYING,
    )
}
"""What can be told of one machine. No dead man's handle: here rows come only while somebody replays them."""

OF_THE_JOB: Final = ("fullRestarts", "numberOfFailedCheckpoints", "lastCheckpointDuration")
OF_A_FUNCTION: Final = {"Errors": "Sum", "Duration": "Maximum", "Invocations": "Sum"}
ANSWER_SECONDS: Final = 3.0
STEP_SECONDS: Final = 10
"""The local cloud adds up what it knows of a function in steps of this length."""


class Measurer:
    """Measures once a call; remembers where it read the stream and the logs."""

    def __init__(self, stack: Stack, figures: Figures, now: float) -> None:
        self._stack = stack
        self._figures = figures
        self._kinesis, self._logs = stack.cloud.client("kinesis"), stack.cloud.client("logs")
        self._cloudwatch, self._sqs = stack.cloud.client("cloudwatch"), stack.cloud.client("sqs")
        self._admin = stack.kafka.admin()
        self._cluster = {"Cluster Name": f"semaforo-{stack.stage}-brokers"}
        self._job_answered_at = now
        self._said: set[tuple[int, str]] = set()
        self._steps_until = int(now // STEP_SECONDS) * STEP_SECONDS
        self._since = now
        self._judged_until = now
        self._arrived: list[float] = []
        self._iterators = list(self._newest())

    def measure(self, now: float) -> None:
        """Ask everything once."""
        for ask in (self._brokers, self._job, self._functions, self._our_metrics, self._stream, self._queues):
            try:
                ask(now)
            except (KafkaException, BotoCoreError, ClientError, OSError, ValueError, LookupError) as error:
                print(f"watch: {ask.__name__.strip('_')}: {error}", flush=True)

    def _brokers(self, now: float) -> None:
        described = self._admin.list_topics(timeout=ANSWER_SECONDS)
        partitions = [one for topic in described.topics.values() for one in topic.partitions.values()]
        self._kafka("OfflinePartitionsCount", now, sum(one.leader < 0 for one in partitions))
        self._kafka("ActiveControllerCount", now, 1)  # who answers has one to follow
        for broker in broker_alarms.BROKERS:
            behind = sum(one.leader == broker and len(one.isrs) < len(one.replicas) for one in partitions)
            self._kafka("UnderReplicatedPartitions", now, behind, **{"Broker ID": str(broker)})

    def _kafka(self, name: str, now: float, value: float, **dimensions: str) -> None:
        self._figures.put("AWS/Kafka", name, {**self._cluster, **dimensions}, now, value)

    def _job(self, now: float) -> None:
        try:
            url = self._stack.job.status_path.read_text().strip()
            runs = _get(url)["state"] == "RUNNING"
        except (OSError, ValueError):
            runs = False
        if not runs:
            # A stack that was started without a job has none that could be down.
            if any(part.name == job.PART for part, _runs in self._stack.parts()):
                self._flink("downtime", now, 1_000 * (now - self._job_answered_at))
            return
        self._job_answered_at = now
        self._flink("downtime", now, 0)
        for one in _get(f"{url}/metrics?get={','.join(OF_THE_JOB)}"):
            self._flink(one["id"], now, float(one["value"]))

    def _flink(self, name: str, now: float, value: float) -> None:
        dimensions = {"Application": f"semaforo-{self._stack.stage}-kpi-job"}
        self._figures.put("AWS/KinesisAnalytics", name, dimensions, now, value)

    def _functions(self, now: float) -> None:
        """The steps that are over since the last time."""
        until = int(now // STEP_SECONDS) * STEP_SECONDS
        if until <= self._steps_until:
            return
        for name in live_alarms.LIVE:
            dimensions = {"FunctionName": f"semaforo-{self._stack.stage}-{name}"}
            for metric, statistic in OF_A_FUNCTION.items():
                answer = self._cloudwatch.get_metric_statistics(
                    Namespace="AWS/Lambda",
                    MetricName=metric,
                    Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
                    StartTime=datetime.fromtimestamp(self._steps_until, UTC),
                    EndTime=datetime.fromtimestamp(until, UTC),
                    Period=STEP_SECONDS,
                    Statistics=[statistic],
                )
                for point in answer["Datapoints"]:
                    at = point["Timestamp"].timestamp()
                    self._figures.put("AWS/Lambda", metric, dimensions, at, point[statistic])
        self._steps_until = until

    def _our_metrics(self, _now: float) -> None:
        """The lines that functions wrote in the embedded metric format, which the local cloud only keeps."""
        for name in live_alarms.LIVE:
            group = f"/aws/lambda/semaforo-{self._stack.stage}-{name}"
            # A little overlap: a line may become known after a newer one.
            start = int(1_000 * (max(self._since, self._judged_until) - 60))
            self._said = {key for key in self._said if key[0] >= start}
            for event in self._lines(group, start):
                key = (event["timestamp"], event["message"])  # the local cloud gives no ids
                if key in self._said:
                    continue
                self._said.add(key)
                self._take(name, event["message"])

    def _lines(self, group: str, start: int) -> Iterator[dict[str, Any]]:
        try:
            pages = self._logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=start)
            for page in pages:
                yield from page["events"]
        except self._logs.exceptions.ResourceNotFoundException:
            return  # it has not run yet

    def _take(self, function: str, message: str) -> None:
        line = _json(message)
        if "_aws" not in line:
            return
        at = line["_aws"]["Timestamp"] / 1_000
        if function == "semaforo":
            self._judged_until = max(self._judged_until, at)
        for name in METRICS.keys() & line.keys():
            values = line[name] if isinstance(line[name], list) else [line[name]]
            for value in values:
                self._figures.put(NAMESPACE, name, {"stage": self._stack.stage}, at, value)

    def _newest(self) -> Iterator[str]:
        stream = self._stack.outputs["KpiStream"]
        for shard in self._kinesis.list_shards(StreamName=stream)["Shards"]:
            asked = {"StreamName": stream, "ShardId": shard["ShardId"], "ShardIteratorType": "LATEST"}
            yield self._kinesis.get_shard_iterator(**asked)["ShardIterator"]

    def _stream(self, now: float) -> None:
        """The age of the oldest record that came after the semáforo's last word."""
        answers = [self._kinesis.get_records(ShardIterator=iterator) for iterator in self._iterators]
        self._iterators = [answer["NextShardIterator"] for answer in answers]
        new = [one["ApproximateArrivalTimestamp"].timestamp() for answer in answers for one in answer["Records"]]
        self._arrived = [at for at in (*self._arrived, *new) if at > self._judged_until]
        age = now - min(self._arrived, default=now)
        dimensions = {"FunctionName": f"semaforo-{self._stack.stage}-semaforo"}
        self._figures.put("AWS/Lambda", "IteratorAge", dimensions, now, 1_000 * max(age, 0))

    def _queues(self, now: float) -> None:
        for output, name in {"QuarantineQueueUrl": "quarantine", "UndeliveredQueueUrl": "undelivered"}.items():
            wanted = "ApproximateNumberOfMessages"
            answer = self._sqs.get_queue_attributes(QueueUrl=self._stack.outputs[output], AttributeNames=[wanted])
            dimensions = {"QueueName": f"semaforo-{self._stack.stage}-{name}"}
            waiting = int(answer["Attributes"][wanted])
            self._figures.put("AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, now, waiting)


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as response:  # nosec B310 # noqa: S310 - Flink's
        return json.load(response)


def _json(message: str) -> dict[str, Any]:
    try:
        line = json.loads(message)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}
