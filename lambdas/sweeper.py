"""Every minute: alerts that are stored and were not sent, because a worker died or SNS was away, go out."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3

from alerts.notify import Notifier
from alerts.settings import AWS_CONFIG, AlertSettings
from lambdas.metrics import sweeper_line


@cache
def notifier() -> Notifier:
    """Made at the first invocation."""
    return Notifier(
        boto3.client("sns", config=AWS_CONFIG), boto3.client("dynamodb", config=AWS_CONFIG), AlertSettings.read(), _now
    )


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """The entry point AWS Lambda calls."""
    swept = notifier().sweep()
    print(sweeper_line(AlertSettings.read().stage, _now(), swept))
    return {"found": swept.found, "sent": swept.sent, "failed": swept.failed}


def _now() -> datetime:
    return datetime.now(UTC)
