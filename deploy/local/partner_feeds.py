"""What AWS does for the feeds and the local cloud does not: say where the brokers are, bring a topic to a function."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Final

from deploy.local.cloud import LocalCloud
from deploy.local.processes import PidFiles

MAPPING: Final = "kafka-mapping"


def connect(cloud: LocalCloud, stage: str, bootstrap: str) -> None:
    """Put the brokers' addresses where the functions look for them (`deploy/stacks/feeds.py`, which would cost a start
    the import of the CDK)."""
    name = f"/semaforo/{stage}/kafka-bootstrap"
    cloud.client("ssm").put_parameter(Name=name, Value=bootstrap, Type="String", Overwrite=True)


def launch_mapping(pids: PidFiles, function: str, env: Mapping[str, str]) -> None:
    """Start the process that invokes the function with flight-status, if it does not run."""
    if not pids.is_running(MAPPING):
        pids.launch(MAPPING, [sys.executable, "-m", "deploy.local.kafka_mapping", function], env=env)
