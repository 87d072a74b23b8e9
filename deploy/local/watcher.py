"""`python -m deploy local watch`: measure, judge, tell. What CloudWatch does in AWS."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from deploy.local.cloud import REGION
from deploy.local.measure import MEASURED, Measurer
from deploy.local.stack import Stack
from deploy.watch.board import Board, Change
from deploy.watch.figures import Figures

LOOK_SECONDS: Final = 5.0
TOPIC: Final = "operations"


def operations_topic(stack: Stack) -> str:
    """The ARN of the stage's topic for pages; made if it is not there."""
    made: str = stack.cloud.client("sns").create_topic(Name=f"semaforo-{stack.stage}-{TOPIC}")["TopicArn"]
    return made


def watch(stack: Stack) -> Iterator[Change | None]:
    """For ever: each change as it is told, and None after each look."""
    topic = operations_topic(stack)
    sns = stack.cloud.client("sns")
    names = {"stage": stack.stage, "region": REGION, "account": "000000000000", "partition": "aws"}
    started_at = time.time()
    board, figures = Board(names, MEASURED, started_at), Figures()
    measurer = Measurer(stack, figures, started_at)
    while True:
        now = time.time()
        measurer.measure(now)
        for change in board.look(figures, now):
            message = message_of(stack.stage, change, now)
            sns.publish(TopicArn=topic, Subject=subject_of(stack.stage, change)[:100], Message=json.dumps(message))
            yield change
        yield None
        time.sleep(max(0, now + LOOK_SECONDS - time.time()))


def subject_of(stage: str, change: Change) -> str:
    """As CloudWatch words it."""
    return f'{change.state}: "semaforo-{stage}-{change.page.name}"'


def message_of(stage: str, change: Change, now: float) -> dict[str, Any]:
    """The fields of CloudWatch's message that a person or a program goes by, and the runbooks of what is raised."""
    return {
        "AlarmName": f"semaforo-{stage}-{change.page.name}",
        "AlarmDescription": change.page.reason,
        "NewStateValue": change.state,
        "OldStateValue": "OK" if change.state == "ALARM" else "ALARM",
        "NewStateReason": "; ".join(f"{cause.name}: {cause.condition}" for cause in change.causes),
        "StateChangeTime": datetime.fromtimestamp(now, UTC).isoformat(),
        "Runbooks": sorted({cause.runbook for cause in change.causes}),
    }
