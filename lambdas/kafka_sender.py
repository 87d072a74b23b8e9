"""The way of a function to the topics of its stage; kept from one invocation to the next while it works."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import boto3

from lambdas.feed_settings import FEED_AWS_CONFIG, KafkaSettings
from producers.delivery import KafkaChannel
from producers.kafka_login import login_of
from producers.publish import FUTURE_TOLERANCE, TOPIC_OF, hand_over
from producers.summary import Tally
from schemas.events import Event

# A function has half a minute to a few: it must say what failed before it is stopped, and be started again.
DELIVERY: Final[dict[str, Any]] = {"delivery.timeout.ms": 15_000, "request.timeout.ms": 5_000}
REACH_SECONDS: Final = 8.0


class KafkaSender:
    """Sends events to the stage's topics and waits until all in-sync replicas have them."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._channel: KafkaChannel | None = None

    def send(self, events: Iterable[Event]) -> Tally:
        """What was sent, all of it acknowledged. Raises EventRefused, BrokersAway, UnknownTopic, PublishFailed.

        After a failure the next call asks anew where the brokers are: they may have moved.
        """
        try:
            self._channel = self._channel or self._open()
            return hand_over(events, self._channel, not_after=latest_event_at())
        except Exception:
            self._channel = None
            raise

    def _open(self) -> KafkaChannel:
        settings = self._settings
        session = boto3.Session()
        parameter = session.client("ssm", config=FEED_AWS_CONFIG).get_parameter(Name=settings.kafka_bootstrap_parameter)
        login = login_of(session) if settings.kafka_login == "iam" else {}
        topics = list(dict.fromkeys(TOPIC_OF.values()))
        bootstrap = parameter["Parameter"]["Value"]
        return KafkaChannel(settings.stage, bootstrap, topics, {**DELIVERY, **login}, REACH_SECONDS)


def latest_event_at() -> datetime:
    """What is known later than that is a mistake of the sender: the KPI job would refuse it."""
    return datetime.now(UTC) + FUTURE_TOLERANCE
