"""Kinesis batch of packed KPI rows → lights, log, outbox, SNS.

Poison is quarantined and its neighbours go on. What could not be stored is reported by sequence number, so that it is
delivered again in order; an alert that is stored and not sent is the sweeper's.
"""

import gc
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import boto3

from alerts.assembly import Assembly, read_routing
from alerts.live_catalog import LiveCatalog
from alerts.process import Semaforo
from alerts.settings import AWS_CONFIG, AlertSettings
from lambdas.batch import done_with, read_batch, respond
from lambdas.metrics import semaforo_line
from lambdas.quarantine import Quarantine, poison
from lambdas.settings import SemaforoSettings
from rules.load import load_catalog


class Worker(NamedTuple):
    """What an execution environment keeps from one invocation to the next."""

    alert_settings: AlertSettings
    settings: SemaforoSettings
    semaforo: Semaforo
    catalog: LiveCatalog
    quarantine: Quarantine


@cache
def worker() -> Worker:
    """Made at the first invocation; a wrong setting or rule file fails it with its name."""
    alert_settings, settings = AlertSettings.read(), SemaforoSettings.read()
    dynamodb, sns = boto3.client("dynamodb", config=AWS_CONFIG), boto3.client("sns", config=AWS_CONFIG)
    parts = Assembly(dynamodb, sns, alert_settings, load_catalog(), _now, read_routing(alert_settings))
    quarantine = Quarantine(boto3.client("sqs", config=AWS_CONFIG), settings.quarantine_queue_url)
    # 80,000 objects (the SDK's descriptions of services, the rules) stay for good: a collection that goes through them
    # took 107 ms, and came whenever batches had left a quarter as many.
    gc.freeze()
    return Worker(alert_settings, settings, parts.semaforo(), parts.live_catalog(), quarantine)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The entry point AWS Lambda calls."""
    alert_settings, settings, semaforo, catalog, quarantine = worker()
    # Raises if nobody knows which rules are in force: the whole batch comes again.
    semaforo.use(catalog.current())
    batch = read_batch(event)
    outcome = semaforo.process([record.rows for record in batch])
    bad = poison(batch, outcome.defects, done_with(batch, outcome.failed, settings.partial_failures))
    outcome.failed |= quarantine.put_all(bad)
    print(semaforo_line(alert_settings.stage, _now(), outcome, records=len(batch), quarantined=len(bad)))
    return respond(batch, outcome.failed, settings.partial_failures)


def _now() -> datetime:
    return datetime.now(UTC)
