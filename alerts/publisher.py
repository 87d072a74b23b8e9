"""Alerts to the topics of their receivers, up to ten a call: one costs the function as much CPU as ten alerts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from alerts.bodies import publication, topic_arn_of
from alerts.outbox import Pending
from alerts.routing import Routing
from alerts.settings import AlertSettings

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

PUBLISHED_AT_ONCE: Final = 10
"""PublishBatch takes no more."""
_MOST_BYTES: Final = 200_000
"""PublishBatch takes 256 KB with attributes, which have 1 KB or two each."""


class Publication(NamedTuple):
    """One alert for one receiver; `entry` as PublishBatch takes it, but for its id."""

    alert_id: str
    topic_arn: str
    entry: dict[str, Any]


class Publisher:
    """The topics of a stage."""

    def __init__(self, sns: "SNSClient", settings: AlertSettings, routing: Routing) -> None:
        self._sns = sns
        self._settings = settings
        self._routing = routing

    def publish(self, alerts: Sequence[Pending]) -> tuple[list[Pending], str]:
        """Those that SNS took for each of their receivers, and what kept it from taking the others ("": nothing).

        Stops at the first call that fails: where SNS is away, each would wait for its time limit.
        """
        failed: set[str] = set()
        problem = ""
        for call in _calls(one for pending in alerts for one in self._publications(pending)):
            if not problem:
                refused, problem = self._put(call)
                failed |= refused
            else:
                failed |= {one.alert_id for one in call}
        return [pending for pending in alerts if pending.message.alert_id not in failed], problem

    def _publications(self, pending: Pending) -> Iterator[Publication]:
        message = pending.message
        for name in pending.receivers:
            receiver = self._routing.receiver(name)
            topic_arn = topic_arn_of(receiver, self._settings.alerts_topic_arn)
            yield Publication(message.alert_id, topic_arn, publication(message, receiver))

    def _put(self, call: Sequence[Publication]) -> tuple[set[str], str]:
        entries: Any = [{"Id": str(number), **one.entry} for number, one in enumerate(call)]
        try:
            answer = self._sns.publish_batch(TopicArn=call[0].topic_arn, PublishBatchRequestEntries=entries)
        except (ClientError, BotoCoreError) as error:
            return {one.alert_id for one in call}, f"SNS: {error}"
        refused = answer.get("Failed", [])
        problem = f"SNS: {refused[0]['Code']}: {refused[0].get('Message', '')}" if refused else ""
        return {call[int(one["Id"])].alert_id for one in refused}, problem


def _calls(publications: Iterable[Publication]) -> Iterator[list[Publication]]:
    """By topic, in their order, as many in each as one call takes."""
    by_topic: dict[str, list[Publication]] = {}
    for one in publications:
        by_topic.setdefault(one.topic_arn, []).append(one)
    for waiting in by_topic.values():
        call: list[Publication] = []
        free = _MOST_BYTES
        for one in waiting:
            size = len(one.entry["Message"].encode())
            if call and (len(call) == PUBLISHED_AT_ONCE or size > free):
                yield call
                call, free = [], _MOST_BYTES
            call.append(one)
            free -= size
        yield call
