"""The KPI job as its users start it, from brokers to Kinesis."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.kpi_job.compare import RowCheck
from bench.kpi_job.contestant import CHECKPOINT_SECONDS, LONGEST_SECONDS, POLL_SECONDS, Cost, Meter
from bench.kpi_job.cpu import pin
from bench.kpi_job.engines import Ground, Load, Run
from bench.kpi_job.flink_rest import SourceRecords
from bench.kpi_job.load import messages_on
from bench.kpi_job.shape import PANE_MS
from bench.kpi_job.templates import Encoding
from deploy.errors import PartError
from deploy.local.cloud import LocalCloud
from deploy.local.jars import flink_jar
from deploy.local.job import PART, KpiJob
from deploy.local.processes import PidFiles
from schemas.rows import to_ms, unpack_rows
from schemas.topics import topic_name

QUIET_SECONDS = 2.0
"""After the last pane's first row: anything that comes too many comes within this."""


class OurJob:
    """`python -m flink_jobs` at replay pace. It never ends; it is done when the load's last pane is on the stream."""

    encoding = Encoding.SINGLE_OBJECT

    def __init__(self, *, drop_duplicates: bool) -> None:
        self._drop_duplicates = drop_duplicates
        self.name = "job" if drop_duplicates else "job-without-dedup"

    @property
    def does(self) -> str:
        """In a few words."""
        dedup = "duplicates dropped" if self._drop_duplicates else "duplicates kept"
        return f"ours, {dedup}: 48 measures, checks, dead letters, late events, trailing windows, Kinesis"

    def run(self, ground: Ground, load: Load) -> Run:
        """Every row of every scope and window is held against the load."""
        check = RowCheck(load.shape, load.panes)
        flink_jar()  # built now, not while the clock runs
        with _stream(ground.cloud, f"bench-{self.name}") as (stream, reader):
            job = KpiJob(ground.folder)
            job.configure({"kpi-job": self._properties(ground, load, stream)})
            try:
                cost = self._measure(ground, load, job, reader)
                reader.read_till_quiet()
            finally:
                job.stop(grace_seconds=0)
        for record in reader.records:
            check.take(record)
        finding = check.finish()
        turned_away = [topic_name(load.shape.stage, topic) for topic in ("dead-letters", "late-events")]
        for topic, messages in messages_on(ground.kafka, turned_away).items():
            if messages:
                finding.add(f"{messages} messages on {topic}")
        return Run(cost, finding)

    def _properties(self, ground: Ground, load: Load, stream: str) -> dict[str, str]:
        return {
            "stage": load.shape.stage,
            "bootstrap": ground.kafka.bootstrap,
            "stream": stream,
            "pace": "replay",
            "pane_ms": str(PANE_MS),
            "checkpoint_seconds": str(CHECKPOINT_SECONDS),
            "drop_duplicates": str(self._drop_duplicates).lower(),
        }

    def _measure(self, ground: Ground, load: Load, job: KpiJob, reader: "_Reader") -> Cost:
        started = time.monotonic()
        job.launch(ground.cloud.aws_env())
        process = PidFiles(ground.folder).read(PART)
        assert process is not None
        pin(process.pid)
        status = job.status_path
        records = SourceRecords(lambda: status.read_text().strip() if status.exists() else None)
        meter = Meter(process.pid, load.warm_up, records.read)
        while reader.newest_at_ms < load.shape.last_at_ms:
            meter.read()
            if not reader.read():
                time.sleep(POLL_SECONDS)
            if not job.is_running():
                raise PartError(self.name, "died", process.log_path)
            if time.monotonic() - started > LONGEST_SECONDS:
                raise PartError(self.name, f"no last pane within {LONGEST_SECONDS:.0f} s", process.log_path)
        return meter.cost(self.name)


class _Reader:
    """Keeps the stream's records as they come, and looks into few: reading takes the core that the brokers have."""

    def __init__(self, client: Any, stream: str) -> None:
        self._client = client
        (shard,) = client.list_shards(StreamName=stream)["Shards"]
        self._iterator = client.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        self.records: list[bytes] = []
        self.newest_at_ms = 0

    def read(self) -> int:
        """Take in what is new; the number of stream records."""
        answer = self._client.get_records(ShardIterator=self._iterator, Limit=1_000)
        self._iterator = answer["NextShardIterator"]
        new = [record["Data"] for record in answer["Records"]]
        if new:
            self.newest_at_ms = max(self.newest_at_ms, to_ms(unpack_rows(new[-1])[-1].at))
        self.records += new
        return len(new)

    def read_till_quiet(self) -> None:
        """Until nothing came for QUIET_SECONDS."""
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_SECONDS:
            if self.read():
                quiet_since = time.monotonic()
            else:
                time.sleep(POLL_SECONDS)


@contextmanager
def _stream(cloud: LocalCloud, name: str) -> Iterator[tuple[str, _Reader]]:
    """A new stream, gone afterwards: hundreds of megabytes that the local cloud keeps in memory."""
    client = cloud.client("kinesis")
    client.create_stream(StreamName=name, ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName=name)
    try:
        yield name, _Reader(client, name)
    finally:
        client.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
