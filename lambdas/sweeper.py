"""Every minute: what is due by wall clock. Alerts that a dead worker left go out, silences end, reds are told again,
storms get their summaries, and silence of all inputs is noticed."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from msgspec.structs import replace

from alerts.assembly import Assembly, read_routing
from alerts.live_catalog import LiveCatalog
from alerts.settings import AWS_CONFIG, AlertSettings
from lambdas.metrics import sweeper_line
from rules.load import load_catalog


@cache
def worker() -> tuple[Assembly, LiveCatalog]:
    """Made at the first invocation."""
    dynamodb, sns = boto3.client("dynamodb", config=AWS_CONFIG), boto3.client("sns", config=AWS_CONFIG)
    settings = AlertSettings.read()
    parts = Assembly(dynamodb, sns, settings, load_catalog(), _now, read_routing(settings))
    return parts, parts.live_catalog()


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """The entry point AWS Lambda calls."""
    parts, catalog = worker()
    swept = replace(parts, catalog=catalog.current()).sweeper().sweep()
    print(sweeper_line(AlertSettings.read().stage, _now(), swept))
    return {"found": swept.found, "sent": swept.sent, "failed": swept.failed, "said": swept.said}


def _now() -> datetime:
    return datetime.now(UTC)
