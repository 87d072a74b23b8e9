"""Figures that only CloudWatch has: the semáforo's place on its stream, its errors, its own figures, and what AWS has
charged.

The local cloud keeps no metrics of functions and none from their log lines, so there the page says that it has none.
"""

from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from schemas.metrics import METRICS as OURS
from schemas.metrics import NAMESPACE

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef, MetricDataResultTypeDef

PERIOD: Final = timedelta(minutes=1)
BACK: Final = timedelta(minutes=15)
KEPT: Final = timedelta(seconds=30)
"""A question costs a cent per thousand metrics, and a minute's figure does not change twice in it."""


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One to ask for; `dimension` is its name and its value, with {stage} in it."""

    name: str
    namespace: str
    metric: str
    dimension: tuple[str, str]
    statistic: str


METRICS: Final = (
    Metric(
        name="function_age_ms", namespace="AWS/Lambda", metric="IteratorAge",
        dimension=("FunctionName", "semaforo-{stage}-semaforo"), statistic="Maximum",
    ),
    Metric(
        name="function_errors", namespace="AWS/Lambda", metric="Errors",
        dimension=("FunctionName", "semaforo-{stage}-semaforo"), statistic="Sum",
    ),
    Metric(
        name="quarantined", namespace=NAMESPACE, metric=OURS["quarantined"].name,
        dimension=("stage", "{stage}"), statistic="Sum",
    ),
)  # fmt: skip


CHARGED: Final = "charged_usd"
BILLED_IN: Final = "us-east-1"
"""Charges of all regions stand there alone, in US$, once billing alerts are switched on; every six hours, and from the
first of the month on."""
BILLED_BACK: Final = timedelta(hours=24)
BILL_KEPT: Final = timedelta(hours=1)


class CloudMetrics:
    """Safe for threads; nothing of it raises. `billing` is a client in the region BILLED_IN."""

    def __init__(self, cloudwatch: "CloudWatchClient", billing: "CloudWatchClient", stage: str) -> None:
        self._cloudwatch = cloudwatch
        self._billing = billing
        self._stage = stage
        self._lock = Lock()
        self._read_at: datetime | None = None
        self._found: dict[str, float | None] = {}
        self._problem = ""
        self._billed_at: datetime | None = None
        self._charged: float | None = None

    def newest(self, now: datetime) -> tuple[dict[str, float | None], str]:
        """The newest minute of each that has one in the last quarter of an hour; and why nobody answers."""
        with self._lock:
            if self._read_at is None or now - self._read_at >= KEPT:
                self._read_at = now
                self._read(now)
            if self._billed_at is None or now - self._billed_at >= BILL_KEPT:
                self._billed_at, self._charged = now, self._bill(now)
            return {**self._found, CHARGED: self._charged}, self._problem

    def _bill(self, now: datetime) -> float | None:
        try:
            answer = self._billing.get_metric_data(
                MetricDataQueries=[_charges()], StartTime=now - BILLED_BACK, EndTime=now, ScanBy="TimestampDescending"
            )
        except (ClientError, BotoCoreError):
            return None
        return next(map(_last, answer["MetricDataResults"]), None)

    def _read(self, now: datetime) -> None:
        try:
            answer = self._cloudwatch.get_metric_data(
                MetricDataQueries=[_query(at, one, self._stage) for at, one in enumerate(METRICS)],
                StartTime=now - BACK, EndTime=now, ScanBy="TimestampDescending",
            )  # fmt: skip
        except (ClientError, BotoCoreError) as error:
            self._found, self._problem = {}, str(error)
            return
        newest = {one["Id"]: _last(one) for one in answer["MetricDataResults"]}
        self._problem = ""
        self._found = {one.name: newest.get(f"m{at}") for at, one in enumerate(METRICS)}


def _last(result: "MetricDataResultTypeDef") -> float | None:
    """By its time: the local cloud lists the oldest first whatever it is asked for."""
    return max(zip(result["Timestamps"], result["Values"], strict=True), default=(None, None))[1]


def _query(at: int, one: Metric, stage: str) -> "MetricDataQueryTypeDef":
    name, value = one.dimension
    return {
        "Id": f"m{at}",
        "MetricStat": {
            "Metric": {
                "Namespace": one.namespace,
                "MetricName": one.metric,
                "Dimensions": [{"Name": name, "Value": value.format(stage=stage)}],
            },
            "Period": round(PERIOD.total_seconds()),
            "Stat": one.statistic,
        },
    }


def _charges() -> "MetricDataQueryTypeDef":
    return {
        "Id": "charged",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Billing",
                "MetricName": "EstimatedCharges",
                "Dimensions": [{"Name": "Currency", "Value": "USD"}],
            },
            "Period": round(BILL_KEPT.total_seconds()),
            "Stat": "Maximum",
        },
    }
