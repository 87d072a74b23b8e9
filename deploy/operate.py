"""A stage in an AWS account, by the CDK's own command line: changed, brought up, taken down; and how it stands."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from deploy.bundles.stand_in import refuse_stand_ins
from deploy.errors import NoAccountError
from schemas.metrics import NAMESPACE

CDK: Final = "cdk"
SAY_EVERY_SECONDS: Final = 30.0
"""The alarm `deploying` looks at minutes: each must have one."""


def run_cdk(words: Sequence[str], assembly: Path) -> int:
    """`cdk WORDS` on templates that were synthesised; its exit code.

    Raises NoAccountError if it is not installed, DeployError for templates without what they deploy.
    """
    refuse_stand_ins(assembly)
    program = shutil.which(CDK)
    if program is None:
        raise NoAccountError("the CDK's command line is missing: `npm install -g aws-cdk` (Node 20 or newer)")
    return subprocess.run([program, *words, "--app", str(assembly)], check=False).returncode


@contextmanager
def nobody_is_paged(cloudwatch: Any, stage: str, every_seconds: float = SAY_EVERY_SECONDS) -> Iterator[None]:
    """Say that a deployment is under way, first of all and then again and again; pages are held back meanwhile."""
    over = threading.Event()

    def say() -> None:
        value = {"MetricName": "deploying", "Dimensions": [{"Name": "stage", "Value": stage}], "Value": 1.0}
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=[{**value, "Unit": "Count"}])

    def keep_saying() -> None:
        while not over.wait(every_seconds):
            try:
                say()
            except (BotoCoreError, ClientError) as error:
                print(f"deploying: not said: {error}", flush=True)

    _asked(say)
    saying = threading.Thread(target=keep_saying, daemon=True)
    saying.start()
    try:
        yield
    finally:
        over.set()
        saying.join()


def standing(cloudformation: Any, cloudwatch: Any, stage: str) -> tuple[dict[str, str], list[str]]:
    """The stacks of a stage with their status, and the names of its alarms that are raised. Raises NoAccountError."""
    prefix = f"semaforo-{stage}-"

    def ask() -> tuple[dict[str, str], list[str]]:
        pages = cloudformation.get_paginator("describe_stacks").paginate()
        stacks = {s["StackName"]: s["StackStatus"] for page in pages for s in page["Stacks"]}
        answer = cloudwatch.describe_alarms(AlarmNamePrefix=prefix, StateValue="ALARM")
        raised = [one["AlarmName"] for kind in ("CompositeAlarms", "MetricAlarms") for one in answer.get(kind, [])]
        return {name: status for name, status in sorted(stacks.items()) if name.startswith(prefix)}, raised

    found: tuple[dict[str, str], list[str]] = _asked(ask)
    return found


def _asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        raise NoAccountError(f"AWS does not answer: {error}") from error
