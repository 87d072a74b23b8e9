"""The brokers keep their promises when one of them is killed, and a cluster without replicas does not."""

from __future__ import annotations

import time
import uuid

import pytest
from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition
from confluent_kafka.admin._config import ConfigResource
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewTopic

from deploy.local.broker_properties import BROKER_IDS
from deploy.local.brokers import SILENT, KafkaCluster
from deploy.topics import compare, create
from schemas.topics import MIN_INSYNC_REPLICAS, PARTITIONS, REPLICATION_FACTOR, TOPICS, topic_name

pytestmark = pytest.mark.integration

MESSAGES = 3_000
KILLED_AFTER = 1_000
FAILOVER_SECONDS = 15.0
"""Measured 3.0 s, the brokers' session timeout; generous, because the machine may be busy."""


def make_topic(kafka: KafkaCluster, replicas: int) -> str:
    """A topic of one partition whose only difference from ours may be its number of replicas."""
    name = f"proof-{uuid.uuid4().hex[:8]}"
    config = {"min.insync.replicas": str(min(replicas, MIN_INSYNC_REPLICAS))}
    topic = NewTopic(name, num_partitions=1, replication_factor=replicas, config=config)
    admin = kafka.admin()  # held: its pending answers die with it
    admin.create_topics([topic], operation_timeout=30)[name].result()
    return name


def publish_and_kill_the_leader(kafka: KafkaCluster, topic: str, *, give_up_seconds: float) -> tuple[set[int], int]:
    """Publish numbered messages; kill the partition's leader on the way. The acknowledged numbers, the killed one."""
    acked: set[int] = set()

    def delivered(error: object, message: Message) -> None:
        if error is None:
            acked.add(int(message.value() or b""))

    settings = {
        "bootstrap.servers": kafka.bootstrap,
        "acks": "all",
        "enable.idempotence": True,
        "delivery.timeout.ms": int(give_up_seconds * 1000),
        "linger.ms": 1,
    }
    producer = Producer(settings, logger=SILENT)
    leader, killed = kafka.leader(topic, 0), False
    for number in range(MESSAGES):
        producer.produce(topic, str(number).encode(), partition=0, on_delivery=delivered)
        producer.poll(0)
        if number >= KILLED_AFTER and not killed:
            while len(acked) < KILLED_AFTER // 2:  # the rest is on its way
                producer.poll(0.01)
            kafka.kill(leader)
            killed = True
    producer.flush(give_up_seconds + 30)
    return acked, leader


def read_all(kafka: KafkaCluster, topic: str, *, seconds: float) -> list[int]:
    """The numbers readable on the topic, in order, until the end or the deadline."""
    settings = {"bootstrap.servers": kafka.bootstrap, "group.id": uuid.uuid4().hex, "enable.partition.eof": True}
    consumer = Consumer(settings, logger=SILENT)
    consumer.assign([TopicPartition(topic, 0, 0)])
    numbers: list[int] = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        message = consumer.poll(0.2)
        if message is None:
            continue
        if (error := message.error()) is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                break
            continue
        value = message.value()
        assert value is not None
        numbers.append(int(value))
    consumer.close()
    return numbers


def test_racks_topics_and_settings_are_those_of_the_registry(kafka: KafkaCluster) -> None:
    admin = kafka.admin()
    described = admin.describe_cluster().result()
    assert {node.id: node.rack for node in described.nodes} == {1: "az1", 2: "az2", 3: "az3"}
    topics = admin.list_topics(timeout=10).topics
    for name in TOPICS:
        partitions = topics[topic_name("test", name)].partitions
        assert len(partitions) == PARTITIONS
        assert all(len(set(p.replicas)) == REPLICATION_FACTOR for p in partitions.values())


def test_topics_are_made_when_each_broker_knows_them(kafka: KafkaCluster) -> None:
    """Any of the three may be the one that a job or a producer asks first. One was seen to be 0.8 s behind."""
    kafka.create_topics("new")
    wanted, heard = {topic_name("new", name) for name in TOPICS}, set[int]()
    while heard != set(BROKER_IDS):
        for broker_id in BROKER_IDS:
            answering, known = kafka.ask_for_topics(broker_id)
            assert wanted <= known
            heard.add(answering)


def test_starting_again_and_creating_again_change_nothing(kafka: KafkaCluster) -> None:
    before = {broker_id: kafka.process(broker_id).pid for broker_id in BROKER_IDS}
    kafka.start()
    kafka.create_topics("test")
    assert {broker_id: kafka.process(broker_id).pid for broker_id in BROKER_IDS} == before


def test_what_was_acknowledged_survives_the_leaders_death(kafka: KafkaCluster) -> None:
    topic = make_topic(kafka, replicas=3)
    acked, killed = publish_and_kill_the_leader(kafka, topic, give_up_seconds=60)
    try:
        assert kafka.running() == [broker_id for broker_id in BROKER_IDS if broker_id != killed]
        assert len(acked) == MESSAGES, "with two of three replicas left every message is acknowledged in the end"
        assert read_all(kafka, topic, seconds=60) == list(range(MESSAGES)), "each once, in order"
    finally:
        kafka.restart(killed)
    assert kafka.running() == list(BROKER_IDS)


def test_control_without_replicas_the_same_death_loses_acknowledged_messages(kafka: KafkaCluster) -> None:
    topic = make_topic(kafka, replicas=1)
    acked, killed = publish_and_kill_the_leader(kafka, topic, give_up_seconds=5)
    try:
        assert KILLED_AFTER // 2 <= len(acked) < MESSAGES
        assert not set(read_all(kafka, topic, seconds=5)) & acked
    finally:
        kafka.restart(killed)


def test_another_leader_takes_over_soon(kafka: KafkaCluster) -> None:
    topic = make_topic(kafka, replicas=3)
    killed = kafka.leader(topic, 0)
    kafka.kill(killed)
    started = time.monotonic()
    try:
        kafka.leader(topic, 0, other_than=killed)
        assert time.monotonic() < started + FAILOVER_SECONDS
    finally:
        kafka.restart(killed)


def test_topics_are_held_against_their_list_and_made_where_missing(kafka: KafkaCluster) -> None:
    states = compare(kafka.bootstrap, "test", {})
    assert [state.name for state in states if not state.is_right] == []
    assert all(state.missing for state in compare(kafka.bootstrap, "other", {}))
    made = create(kafka.bootstrap, "other", {}, compare(kafka.bootstrap, "other", {}))
    assert sorted(made) == sorted(topic_name("other", name) for name in TOPICS)
    name = topic_name("other", "dead-letters")
    change = ConfigResource(ResourceType.TOPIC, name, set_config={"min.insync.replicas": "1"})
    admin = kafka.admin()
    (altered,) = admin.alter_configs([change]).values()
    altered.result()
    deadline = time.monotonic() + 30
    found = compare(kafka.bootstrap, "other", {})
    while all(state.is_right for state in found):
        assert time.monotonic() < deadline
        found = compare(kafka.bootstrap, "other", {})
    (wrong,) = [state for state in found if not state.is_right]
    assert wrong.name == name
    assert f"min.insync.replicas 1, not {MIN_INSYNC_REPLICAS}" in wrong.differs
