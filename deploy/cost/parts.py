"""The bill, part by part: quantities from the templates' own constants, prices from the file."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.cost import load as figures
from deploy.cost.load import DAYS_A_MONTH, GB, HOURS_A_MONTH, Load
from deploy.watch.alarm import Metric
from deploy.watch.alarms import ALARMS, PAGES
from schemas.metrics import METRICS
from schemas.topics import REPLICATION_FACTOR, TOPICS

BROKERS = 3
VOLUME_GB = 100
KPUS = 2
"""One for the job, one that Managed Flink asks for itself."""

ENDPOINTS = {"network": 6, "booking": 1, "warehouse": 3}
ZONES = 3
APP_ZONES = {True: 3, False: 2}
APP_TASKS = {True: 2, False: 1}
APP_CPU, APP_GB = 1, 2
GLUE_HOURS_A_DAY = 0.25
GLUE_DPUS = 2
REDSHIFT_HOURS_A_DAY = 0.5
REDSHIFT_RPUS = 8
RDS_GB = 100
RETENTION_DAYS = 7
KEYS, SECRETS = 6, 5


def monthly(load: Load, prices: Mapping[str, float]) -> dict[str, float]:
    """US$ a month of each part."""
    return {
        "brokers (MSK)": _brokers(load, prices),
        "KPI job (Managed Flink)": _job(prices),
        "KPI stream (Kinesis)": _stream(load, prices),
        "functions (Lambda)": _functions(load, prices),
        "lights (DynamoDB)": _tables(load, prices),
        "notifications (SNS)": load.routes * figures.ALERTS_PER_ROUTE_MONTH / 1e6 * prices["sns_publish_million"],
        "raw history (Firehose, S3, a year kept)": _raw(load, prices),
        "daily work (Glue)": GLUE_DPUS * GLUE_HOURS_A_DAY * DAYS_A_MONTH * prices["glue_dpu_hour"],
        "star (Redshift)": REDSHIFT_RPUS * REDSHIFT_HOURS_A_DAY * DAYS_A_MONTH * prices["redshift_rpu_hour"],
        "bookings (RDS)": _bookings(load, prices),
        "app (Fargate, load balancer)": _app(load, prices),
        "network (endpoints, NAT)": _network(load, prices),
        "watch, logs, keys": _watch(load, prices),
    }


def _brokers(load: Load, prices: Mapping[str, float]) -> float:
    kept = load.events_per_day * RETENTION_DAYS * figures.MESSAGE_BYTES * REPLICATION_FACTOR / GB
    storage = max(BROKERS * VOLUME_GB, kept / 0.6)  # it grows at 60 %
    return BROKERS * HOURS_A_MONTH * prices["msk_broker_hour"] + storage * prices["msk_storage_gb_month"]


def _job(prices: Mapping[str, float]) -> float:
    return KPUS * HOURS_A_MONTH * prices["flink_kpu_hour"] + 50 * prices["flink_storage_gb_month"]


def _stream(load: Load, prices: Mapping[str, float]) -> float:
    moved = load.rows * figures.ROW_BYTES / GB
    return HOURS_A_MONTH * prices["kinesis_stream_hour"] + moved * (
        prices["kinesis_in_gb"] + prices["kinesis_fan_out_gb"]
    )


def _functions(load: Load, prices: Mapping[str, float]) -> float:
    seconds = load.entities * figures.FUNCTION_SECONDS_PER_ENTITY * figures.WAITS
    sweeps = 60 * HOURS_A_MONTH
    computed = (seconds + 0.2 * sweeps) * figures.FUNCTION_GB * prices["lambda_gb_second"]
    return computed + (load.batches + sweeps) / 1e6 * prices["lambda_request_million"]


def _tables(load: Load, prices: Mapping[str, float]) -> float:
    written = load.entities * figures.ENTITY_KB / 1e6 * prices["dynamodb_write_million"]
    read = load.entities * figures.ENTITY_KB / 4 / 1e6 * prices["dynamodb_read_million"]
    kept = 1 + 2 * load.routes * figures.ENTITY_KB * 1_000 / GB
    return written + read + kept * (prices["dynamodb_storage_gb_month"] + prices["dynamodb_recovery_gb_month"])


def _raw(load: Load, prices: Mapping[str, float]) -> float:
    lines = load.events * figures.RAW_LINE_BYTES / GB
    rows = load.rows * figures.ROW_BYTES / GB
    kept = 12 * (lines + rows) * figures.RAW_COMPRESSED
    return lines * prices["firehose_msk_gb"] + rows * prices["firehose_stream_gb"] + (1 + kept) * prices["s3_gb_month"]


def _bookings(load: Load, prices: Mapping[str, float]) -> float:
    hour = prices["rds_multi_az_hour" if load.production else "rds_single_hour"]
    copies = 2 if load.production else 1
    return HOURS_A_MONTH * hour + RDS_GB * copies * prices["rds_storage_gb_month"]


def _app(load: Load, prices: Mapping[str, float]) -> float:
    task = APP_CPU * prices["fargate_cpu_hour"] + APP_GB * prices["fargate_gb_hour"]
    return HOURS_A_MONTH * (APP_TASKS[load.production] * task + prices["balancer_hour"])


def _network(load: Load, prices: Mapping[str, float]) -> float:
    ways_out = APP_ZONES[True] if load.production else 1
    endpoints = sum(ENDPOINTS.values()) * ZONES * prices["endpoint_zone_hour"]
    return HOURS_A_MONTH * (endpoints + ways_out * prices["nat_hour"])


def _watch(load: Load, prices: Mapping[str, float]) -> float:
    looked_at = sum(len(alarm.metrics) * (BROKERS if _across(alarm.metrics) else 1) for alarm in ALARMS.values())
    logged = load.batches * figures.LOG_BYTES_PER_BATCH / GB + 5
    return (
        looked_at * prices["alarm_month"]
        + len(PAGES) * prices["composite_alarm_month"]
        + (len(METRICS) + len(TOPICS)) * prices["metric_month"]
        + prices["dashboard_month"]
        + logged * prices["logs_gb"]
        + KEYS * prices["kms_key_month"]
        + SECRETS * prices["secret_month"]
    )


def _across(metrics: tuple[Metric, ...]) -> bool:
    """A query is paid by the metric that it looks at."""
    return any(metric.across for metric in metrics)
