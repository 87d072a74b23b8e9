"""The whole local stack as one object: what `python -m deploy local`, the demo and the tests start and stop."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from deploy.errors import NotUpError, PartError, StackError
from deploy.local import cloud, job, partner_feeds, raw_feed, template
from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import REGION, LocalCloud
from deploy.local.jars import kafka_jars
from deploy.local.job import KpiJob
from deploy.local.lifeline import Lifeline
from deploy.local.postgres import Postgres
from deploy.local.processes import PidFiles, Process, kill_strays, write_json
from deploy.local.raw_feed import RawFeed
from deploy.locks import only_one
from deploy.paths import DEFAULT_STATE

STAGE_PATTERN: Final = r"[a-z][a-z0-9]{0,15}"
"""A stage's name is part of topic, table and queue names."""

GRACE_SECONDS: Final = 3.0
"""For the cloud to save its state (0.1 s); brokers stopped together never finish theirs and need none: their data is
with the kernel."""


class Stack:
    """One stage on this machine.

    `bound` ties it to the calling process: it dies with it, even by SIGKILL. With `one_broker` there are no copies of
    what is on the topics. `say` gets a line of progress at each step.
    """

    def __init__(
        self,
        stage: str = "demo",
        state_dir: Path = DEFAULT_STATE,
        *,
        bound: bool = False,
        one_broker: bool = False,
        say: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.stage = stage
        self.state_dir = state_dir.resolve()
        self.kafka = KafkaCluster(self.state_dir, alone=one_broker)
        self.cloud = LocalCloud(self.state_dir)
        self.job = KpiJob(self.state_dir)
        self.raw_feed = RawFeed(self.state_dir)
        self.postgres = Postgres(self.state_dir)
        self.outputs: dict[str, str] = {}
        self._pids = PidFiles(self.state_dir)
        self._bound = bound
        self._lifeline: Lifeline | None = None
        self._say = say

    @classmethod
    def running_in(cls, state_dir: Path = DEFAULT_STATE) -> Stack:
        """The stack that was started in a state folder; NotUpError when there is none."""
        try:
            described = json.loads((state_dir / "stack.json").read_text())
        except FileNotFoundError:
            raise NotUpError(f"no stack runs in {state_dir}; `python -m deploy local up` starts one") from None
        stack = cls(described["stage"], state_dir)
        stack.outputs = described["outputs"]
        return stack

    @property
    def kafka_bootstrap(self) -> str:
        """Bootstrap servers of the brokers."""
        return self.kafka.bootstrap

    def aws_env(self) -> dict[str, str]:
        """Environment that points any AWS client at the local cloud."""
        return self.cloud.aws_env()

    def env(self) -> dict[str, str]:
        """All a process of this stage needs: stage, brokers, cloud; history and bookings where they are kept."""
        names = {"SEMAFORO_STAGE": self.stage, "SEMAFORO_KAFKA_BOOTSTRAP": self.kafka_bootstrap}
        places = {f"SEMAFORO_{x.upper()}_URL": f"{x.title()}Bucket" for x in ("raw", "clean", "reports")}
        history = {name: f"s3://{self.outputs[key]}" for name, key in places.items() if key in self.outputs}
        booking = self.postgres.env() if self.postgres.is_running() else {}
        return {**names, **history, **booking, **self.aws_env()}

    def start(
        self,
        *,
        fresh: bool = False,
        job: Mapping[str, str] | None = None,
        history: bool = False,
        feeds: bool = False,
    ) -> None:
        """Start what does not run of brokers, topics, cloud and template. Twice is harmless.

        With `history`, all that moves is kept: the buckets are made and the forwarder runs. It is off where the live
        path is measured: the light log's feed takes turns with the semáforo in the local cloud's one poller.

        With `feeds`, partners' bucket and queue and the flights table are made, and flight-status is brought to that.

        With `job`, the KPI job is launched with these properties as soon as the topics are there, beside cloud and
        template, for it takes longest to come up; `start_job` then waits for it.
        Data of an earlier run is kept, unless `fresh` and nothing runs. Raises PartError naming the part that
        failed; what this call started is stopped again if nothing ran before it.
        """
        with only_one(self.state_dir / "lock"):
            was_running = self._running()
            self._refuse_other_stage(was_running)
            if fresh and not was_running:
                self._wipe()
            if self._bound and self._lifeline is None:
                self._lifeline = Lifeline(self.state_dir)
            try:
                self._start_parts(job, history, feeds)
            except BaseException:
                if not was_running:
                    self._stop(grace_seconds=0)
                raise
            self._write_description()

    def start_postgres(self) -> None:
        """Start the booking system's database if it does not run. Raises PartError if it does not come up."""
        self.postgres.start()
        self._say(f"booking system: 127.0.0.1:{self.postgres.port}")
        self._write_description()

    def start_job(self, properties: Mapping[str, str] | None = None, *, supervised: bool = False) -> None:
        """Start the KPI job if it does not run and wait till it processes events.

        It resumes from its newest complete checkpoint if there is one. `properties` override the stage's defaults;
        a supervised job is restarted when it dies.
        """
        if not self.job.is_running():
            self._launch_job(properties or {})
        if supervised and not self._pids.is_running(job.SUPERVISOR):
            command = [sys.executable, "-m", "deploy.local.supervisor", str(self.state_dir)]
            self._pids.launch(job.SUPERVISOR, command, env=self.env())
        self.job.wait_till_running()
        self._say("KPI job: running")
        self._write_description()

    def kill_job(self) -> None:
        """SIGKILL the KPI job."""
        self.job.kill()

    def drain_history(self, seconds: float = 120) -> None:
        """Wait till all that is on topics and KPI stream by now lies in raw; PartError if it does not get there."""
        kinesis = self.cloud.client("kinesis")
        self.raw_feed.drain(self.kafka_bootstrap, self.stage, kinesis, self.outputs["KpiStream"], seconds)

    def stop(self, *, grace_seconds: float = GRACE_SECONDS) -> None:
        """Stop everything; on return no process of this stack runs. Data stays. Safe to call twice."""
        with only_one(self.state_dir / "lock"):
            self._stop(grace_seconds=grace_seconds)

    def parts(self) -> list[tuple[Process, bool]]:
        """The parts that were started and not stopped, each with whether it runs: one that does not has crashed."""
        return [(process, process.is_running()) for process in self._pids.read_all()]

    def log_path(self, part: str) -> Path:
        """Where a part writes its output."""
        return self._pids.log_path(part)

    def check(self) -> None:
        """PartError naming the first part that crashed, with the tail of its log."""
        for process, runs in self.parts():
            if not runs:
                raise PartError(process.name, f"died (pid {process.pid})", process.log_path)

    def _start_parts(self, job: Mapping[str, str] | None, history: bool, feeds: bool) -> None:
        """Brokers beside cloud and template: each waits mostly for its own processes."""
        self._launch_cloud()  # first, so that its address is known to what starts beside it
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(self._start_brokers, job), pool.submit(self._start_cloud, history, feeds)]
        failures = [error for future in futures if (error := future.exception()) is not None]
        if failures:
            raise failures[0]
        if history:
            self.raw_feed.launch(self.env(), self.outputs["KpiStream"], self.outputs["RawBucket"])
            self._say(f"history: {self.outputs['RawBucket']}")
        if feeds:
            partner_feeds.connect(self.cloud, self.stage, self.kafka_bootstrap)
            partner_feeds.launch_mapping(self._pids, self.outputs["FlightsFunction"], self.env())
            self._say("feeds: partner files and messages, flights table")

    def _start_brokers(self, job: Mapping[str, str] | None) -> None:
        kafka_jars()
        self._say("brokers: starting")
        self.kafka.start()
        self.kafka.create_topics(self.stage)
        self._say(f"brokers: {self.kafka_bootstrap}")
        if job is not None:
            self._launch_job(job)

    def _launch_cloud(self) -> None:
        crashed = self._pids.read(cloud.PART) is not None and not self.cloud.is_running()
        if crashed:
            self._say("cloud: it died last time and could not save its state: lights and log begin empty")
        self._say("cloud: starting")
        self.cloud.launch()

    def _start_cloud(self, history: bool, feeds: bool) -> None:
        feeds = feeds or self._pids.read(partner_feeds.MAPPING) is not None
        assembly = template.synthesise(self.stage, feeds=feeds)
        self.cloud.wait_till_healthy()
        self.outputs = template.deploy(assembly, self.stage, self.cloud)
        if history or self._pids.read(raw_feed.PART) is not None:
            self.outputs |= template.deploy(assembly, self.stage, self.cloud, "history")
        if feeds:
            self.outputs |= template.deploy(assembly, self.stage, self.cloud, "feeds")
            self.outputs |= template.deploy(assembly, self.stage, self.cloud, "advice")
        self._say(f"cloud: {self.cloud.endpoint_url}, template deployed")

    def _launch_job(self, properties: Mapping[str, str]) -> None:
        self.job.stop()
        self._say("KPI job: starting")
        self.job.configure(self._job_properties(properties))
        self.job.launch(self.env())

    def _job_properties(self, overrides: Mapping[str, str]) -> dict[str, dict[str, str]]:
        kpi_job = {"stage": self.stage, "bootstrap": self.kafka_bootstrap, "stream": template.kpi_stream(self.stage)}
        return {"kpi-job": {**kpi_job, **overrides}}

    def _stop(self, *, grace_seconds: float) -> None:
        self.job.stop(grace_seconds=job.STOP_SECONDS if grace_seconds else 0)
        # Before brokers and cloud: its last delivery needs both.
        self.raw_feed.stop(grace_seconds=raw_feed.STOP_SECONDS if grace_seconds else 0)
        self.postgres.stop(grace_seconds=grace_seconds)
        self._pids.stop(*(process.name for process in self._pids.read_all()), grace_seconds=grace_seconds)
        kill_strays(self.state_dir)
        (self.state_dir / "stack.json").unlink(missing_ok=True)
        if self._lifeline is not None:
            self._lifeline.release()
            self._lifeline = None

    def _running(self) -> bool:
        return any(runs for _process, runs in self.parts())

    def _refuse_other_stage(self, running: bool) -> None:
        described = self.state_dir / "stack.json"
        if running and described.exists():
            stage = json.loads(described.read_text())["stage"]
            if stage != self.stage:
                raise StackError(
                    f"stage {stage} runs in {self.state_dir}: stop it first, or give stage {self.stage} "
                    "a --state-dir of its own"
                )

    def _wipe(self) -> None:
        for name in ("kafka", "cloud", "job", "forwarder", "postgres", "logs", "pids"):
            shutil.rmtree(self.state_dir / name, ignore_errors=True)

    def _write_description(self) -> None:
        write_json(self.state_dir / "stack.json", self.describe())

    def describe(self) -> dict[str, Any]:
        """What other programs need to know of the running stack (`stack.json`)."""
        return {
            "stage": self.stage,
            "state_dir": str(self.state_dir),
            "kafka_bootstrap": self.kafka_bootstrap,
            "aws_endpoint_url": self.cloud.endpoint_url,
            "region": REGION,
            "outputs": self.outputs,
            "ports": {**self.kafka.ports(), "cloud": self.cloud.port},
            "pids": {process.name: process.pid for process in self._pids.read_all()},
        }
