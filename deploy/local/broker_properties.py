"""The settings of the local brokers: broker and controller in one process, a zone each.

They are three but where a test has no use for copies: one starts in 1.5 s of CPU, three in 6.6, and beside a KPI job of
a minute it takes 5 where three take 24.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

BROKER_IDS: Final = (1, 2, 3)
SETTINGS: Final = {
    "default.replication.factor": 3,
    "min.insync.replicas": 2,
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "log.message.timestamp.type": "LogAppendTime",
    # A dead leader is noticed when its session runs out: the default 9 s would be 9 s without its partitions.
    "broker.session.timeout.ms": 3_000,
    "broker.heartbeat.interval.ms": 500,
    # Internal topics survive the same loss as ours. The default of fifty partitions is for many groups.
    "offsets.topic.replication.factor": 3,
    "offsets.topic.num.partitions": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "transaction.state.log.num.partitions": 3,
    "share.coordinator.state.topic.replication.factor": 3,
    "share.coordinator.state.topic.min.isr": 2,
    "share.coordinator.state.topic.num.partitions": 3,
    "group.initial.rebalance.delay.ms": 0,
    "num.network.threads": 2,
    "num.io.threads": 4,
    # The default takes 128 MiB of a 384 MiB heap for compacting topics that hold a few kilobytes.
    "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
}


COPIES: Final = frozenset(name for name in SETTINGS if name.endswith((".factor", ".min.isr", ".insync.replicas")))
"""Of these there can be no more than there are brokers."""


def broker_properties(broker_id: int, ports: Mapping[str, Sequence[int]], data: Path) -> str:
    """The file of one broker; `ports` are those of all `brokers` and their `controllers`, in the order of the ids."""
    controller_ports = dict(zip(BROKER_IDS, ports["controllers"], strict=False))
    broker_ports = dict(zip(BROKER_IDS, ports["brokers"], strict=False))
    voters = (f"{voter}@127.0.0.1:{port}" for voter, port in controller_ports.items())
    listener = f"PLAINTEXT://127.0.0.1:{broker_ports[broker_id]}"
    lines: dict[str, object] = {
        "process.roles": "broker,controller",
        "node.id": broker_id,
        "broker.rack": f"az{broker_id}",
        "controller.quorum.voters": ",".join(voters),
        "listeners": f"{listener},CONTROLLER://127.0.0.1:{controller_ports[broker_id]}",
        "advertised.listeners": listener,
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": data,
        **SETTINGS,
        **dict.fromkeys(COPIES if len(broker_ports) == 1 else (), 1),
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items())
