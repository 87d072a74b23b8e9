"""The topics of a stage on its brokers, held against `schemas/topics.py`: made where missing, else left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from deploy.errors import DeployError
from schemas.topics import REPLICATION_FACTOR, TOPICS, topic_name

ANSWER_SECONDS: Final = 15


@dataclass(frozen=True)
class TopicState:
    """A topic as it is: `differs` says in what; `missing` that it is not there."""

    name: str
    missing: bool = False
    differs: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether nothing is to be done."""
        return not self.missing and not self.differs


def client_properties(path: Path | None) -> dict[str, str]:
    """`key=value` lines for the Kafka client (login, TLS); lines with # and empty ones are passed over."""
    if path is None:
        return {}
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {key.strip(): value.strip() for key, _, value in pairs}


def compare(bootstrap: str, stage: str, properties: Mapping[str, str]) -> list[TopicState]:
    """Every topic of the stage. Raises DeployError if the brokers do not answer."""
    try:
        return list(_compare(_admin(bootstrap, properties), stage))
    except KafkaException as error:
        raise DeployError(f"the brokers at {bootstrap} do not answer: {error}") from error


def create(bootstrap: str, stage: str, properties: Mapping[str, str], states: list[TopicState]) -> list[str]:
    """Make those that are missing; their names. Raises DeployError for one that is refused."""
    wanted = {topic_name(stage, name): topic for name, topic in TOPICS.items()}
    new = [
        NewTopic(
            state.name,
            num_partitions=wanted[state.name].partitions,
            replication_factor=REPLICATION_FACTOR,
            config=wanted[state.name].config(),
        )
        for state in states
        if state.missing
    ]
    if not new:
        return []
    made = []
    admin = _admin(bootstrap, properties)  # held: its pending answers die with it
    for name, future in admin.create_topics(new, operation_timeout=ANSWER_SECONDS).items():
        try:
            future.result()
        except KafkaException as error:
            raise DeployError(f"{name}: not made: {error}") from error
        made.append(name)
    return made


def _compare(admin: AdminClient, stage: str) -> Iterator[TopicState]:
    present = admin.list_topics(timeout=ANSWER_SECONDS).topics
    names = {topic_name(stage, name): topic for name, topic in TOPICS.items()}
    asked = [ConfigResource(ResourceType.TOPIC, name) for name in names if name in present]
    configs = {one.name: future.result() for one, future in admin.describe_configs(asked).items()} if asked else {}
    for name, topic in names.items():
        if name not in present:
            yield TopicState(name, missing=True)
            continue
        partitions = present[name].partitions
        copies = {len(one.replicas) for one in partitions.values()}
        differs = []
        if len(partitions) != topic.partitions:
            differs.append(f"{len(partitions)} partitions, not {topic.partitions}")
        if copies != {REPLICATION_FACTOR}:
            differs.append(f"{sorted(copies)} copies, not {REPLICATION_FACTOR}")
        for key, value in topic.config().items():
            if (found := configs[name][key].value) != value:
                differs.append(f"{key} {found}, not {value}")
        yield TopicState(name, differs=tuple(differs))


def _admin(bootstrap: str, properties: Mapping[str, str]) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "socket.timeout.ms": 10_000, **properties})
