"""The deployed tables, topic and queues, with the live path's own code in front: what the tests of the alerts drive."""

import itertools
import json
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import msgspec
from botocore.config import Config

from alerts.assembly import Assembly
from alerts.history import History
from alerts.items import LogEntry, read_lights
from alerts.notify import Clock, Swept
from alerts.routing import Routing
from alerts.settings import AWS_CONFIG, AlertSettings
from deploy.local.cloud import LocalCloud
from lambdas.quarantine import Quarantine
from lambdas.semaforo import Worker
from lambdas.settings import SemaforoSettings
from rules.load import Catalog
from schemas.rows import KpiRow
from tests.alerts.samples import catalog, row
from tests.integration.handler_process import HandlerProcess

# The tests' routes share an airport and are no storm; those about storms say so. Not 0: the causes are to be counted.
NO_STORMS = {"SEMAFORO_STORM_ROUTES": "1000", "SEMAFORO_STORM_NETWORK_ROUTES": "1000"}
ROOT = Path(__file__).parents[2]


def now() -> datetime:
    return datetime.now(UTC)


class AlertDesk:
    """One deployed stage. Each test uses routes of its own, so that they do not see each other's alerts."""

    def __init__(self, cloud: LocalCloud, outputs: dict[str, str], stage: str) -> None:
        self.outputs = outputs
        self._cloud = cloud
        self._received: list[dict[str, Any]] = []
        self._given_up: list[dict[str, Any]] = []
        self.settings = AlertSettings.read(
            {
                "SEMAFORO_STAGE": stage,
                "SEMAFORO_ALERTS_TOPIC_ARN": outputs["AlertsTopicArn"],
                "SEMAFORO_ALERT_AGE_LIMIT_MINUTES": "0",
                "SEMAFORO_MODELLED_ALERTS": "true",
                "SEMAFORO_RESEND_AFTER_SECONDS": "0",
                **NO_STORMS,
            }
        )
        self.sqs, self.dynamodb, self.sns = self.client("sqs"), self.client("dynamodb"), self.client("sns")
        self._worker = self.worker()
        self._sweeps = 0

    def environment(self, endpoint_url: str | None = None) -> dict[str, str]:
        """What a function of this stage gets; through a proxy if one is given."""
        return {
            **self._cloud.aws_env(),
            "AWS_ENDPOINT_URL": endpoint_url or self._cloud.endpoint_url,
            "SEMAFORO_STAGE": self.settings.stage,
            "SEMAFORO_ALERTS_TOPIC_ARN": self.settings.alerts_topic_arn,
            "SEMAFORO_QUARANTINE_QUEUE_URL": self.outputs["QuarantineQueueUrl"],
            "SEMAFORO_ALERT_AGE_LIMIT_MINUTES": "0",
            "SEMAFORO_MODELLED_ALERTS": "true",
            **NO_STORMS,
        }

    def client(self, service: Any, endpoint_url: str | None = None, config: Config = AWS_CONFIG) -> Any:
        """A client as the functions make it, unless told otherwise."""
        env = self._cloud.aws_env()
        return boto3.client(
            service,
            config=config,
            endpoint_url=endpoint_url or self._cloud.endpoint_url,
            region_name=env["AWS_REGION"],
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        )

    def worker(
        self, endpoint_url: str | None = None, rules: Catalog | None = None, clock: Clock = now, **settings: Any
    ) -> Worker:
        """The semáforo's parts, as the function puts them together."""
        parts = self.assembly(endpoint_url, rules, clock)
        own = SemaforoSettings(quarantine_queue_url=self.outputs["QuarantineQueueUrl"], **settings)
        quarantine = Quarantine(self.client("sqs", endpoint_url), own.quarantine_queue_url)
        return Worker(self.settings, own, parts.semaforo(), parts.live_catalog(), quarantine)

    def assembly(
        self,
        endpoint_url: str | None = None,
        rules: Catalog | None = None,
        clock: Clock = now,
        routing: Routing | None = None,
        **changes: Any,
    ) -> Assembly:
        """The parts of both functions, with these settings changed."""
        dynamodb, sns = self.client("dynamodb", endpoint_url), self.client("sns", endpoint_url)
        settings = self.settings.model_copy(update=changes)
        return Assembly(dynamodb, sns, settings, rules or catalog(), clock, routing or Routing())

    def process(self, *rows: KpiRow, endpoint_url: str | None = None) -> Any:
        """Rows, each in a record of its own."""
        worker = self.worker(endpoint_url) if endpoint_url else self._worker
        return worker.semaforo.process([[one] for one in rows])

    def sweep(self, endpoint_url: str | None = None) -> Swept:
        """The sweeper, each time as if a minute later."""
        self._sweeps += 1
        later = timedelta(minutes=self._sweeps)
        return self.assembly(endpoint_url, clock=lambda: now() + later).sweeper().sweep()

    def sweep_at_once(self, sweepers: int) -> list[Swept]:
        """As many sweepers in the same minute."""
        with ThreadPoolExecutor(sweepers) as pool:
            return list(pool.map(lambda _: self.assembly().sweeper().sweep(), range(sweepers)))

    def invoke_sweeper(self) -> dict[str, Any]:
        """The deployed one, invoked once, and its answer. The functions' client asks again after 3 s, and a first start
        takes longer on a crowded machine: then the second sweep finds nothing, or takes a part of the first one's."""
        once = self.client("lambda", config=Config(read_timeout=120, retries={"total_max_attempts": 1}))
        answer = once.invoke(FunctionName=f"semaforo-{self.settings.stage}-sweeper", Payload=b"{}")
        swept: dict[str, Any] = json.loads(answer["Payload"].read())
        return swept

    def log(self, route: str) -> list[LogEntry]:
        """All transitions of a route."""
        return History(self.dynamodb, self.settings).log(f"route#{route}", datetime.max.replace(tzinfo=UTC))

    def lights(self, route: str) -> str:
        """The stored lights of a route, all but the version: the same text for the same lights of another route."""
        key = {"entity": {"S": f"route#{route}"}}
        item = self.dynamodb.get_item(TableName=self.settings.lights_table, Key=key)["Item"]
        beside = {name: value for name, value in item.items() if name in ("worst", "lights", "modelled", "at")}
        lights = msgspec.structs.replace(read_lights(item), version=0)
        return (msgspec.json.encode(lights).decode() + json.dumps(beside, sort_keys=True)).replace(route, "ROUTE")

    def sent_to_subscriber(self, route: str) -> Counter[str]:
        """How often the subscriber got each alert of a route, as "light at minute"; all that was published is in."""
        self._drain()
        counted: Counter[str] = Counter()
        for message in self._received:
            transition = json.loads(message["Message"])["transition"]
            if transition["entity"] == route:
                assert message["MessageAttributes"]["alert_id"]["Value"] == json.loads(message["Message"])["alert_id"]
                counted[f"{transition['to_light']} {transition['at'][11:16]}"] += 1
        return counted

    def quarantined(self, sequence_numbers: Iterable[str]) -> Counter[str]:
        """Which of these records are in quarantine, how often; they are taken out."""
        wanted, found = set(sequence_numbers), Counter[str]()
        while messages := self._receive(self.outputs["QuarantineQueueUrl"]):
            bodies = [json.loads(m["Body"]) for m in messages]
            self._given_up += [body for body in bodies if "KinesisBatchInfo" in body]
            found.update(body["sequence_number"] for body in bodies if "KinesisBatchInfo" not in body)
        return Counter({number: count for number, count in found.items() if number in wanted})

    def given_up(self) -> list[dict[str, Any]]:
        """What the stream's reader said of records that it gave up, since the last look."""
        self.quarantined([])
        said, self._given_up = self._given_up, []
        return said

    def run_handler(self, event: dict[str, Any], endpoint_url: str) -> HandlerProcess:
        """The function in a process of its own, which a test may kill."""
        return HandlerProcess(event, self.environment(endpoint_url))

    def _drain(self) -> None:
        while messages := self._receive(self.outputs["AlertsDemoQueueUrl"]):
            self._received += [json.loads(m["Body"]) for m in messages]

    def _receive(self, url: str) -> list[Any]:
        messages: list[Any] = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return messages


_routes = (f"R{number}-X" for number in itertools.count())


def new_route() -> str:
    """A route nobody else uses."""
    return next(_routes)


def trouble(route: str) -> list[KpiRow]:
    """Green, amber, red, green: the first is no news to people, the other three are."""
    return [row(at, on_time, entity=route) for at, on_time in ((0, 9), (10, 7), (20, 6), (30, 6), (40, 9))]


HEARD = Counter({"AMBER 12:10": 1, "RED 12:20": 1, "GREEN 12:40": 1})


def short_trouble(route: str) -> list[KpiRow]:
    """Green, red, green: two alerts."""
    return [row(at, on_time, entity=route) for at, on_time in ((0, 9), (10, 6), (20, 9))]


HEARD_OF_SHORT = Counter({"RED 12:10": 1, "GREEN 12:20": 1})
