"""One probe per deployed function: it does its whole work once, by real events, and says what of it did not happen."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from botocore.config import Config

from alerts.causes import CAUSES_KEY, Causes
from alerts.documents import Documents
from alerts.history import History
from alerts.outage import ROWS_KEY, RowsSeen
from deploy.local.stack import Stack
from schemas.codec import encode
from schemas.events import FlightState
from schemas.lights import Alert, Light
from schemas.rows import pack_rows
from tests.alerts.samples import minutes, row
from tests.faulty_proxy import FaultyProxy, first
from tests.integration.alert_desk import AlertDesk, now, trouble
from tests.integration.test_advice import NOW, Advised
from tests.integration.test_feeds import BAD, GOOD, HEADER
from tests.lambdas.test_batch import kinesis_event
from tests.lambdas.test_flight_states import kafka_event, status
from tests.lambdas.test_light_log_feed import change
from tests.lambdas.test_recommender import record, transition

ONCE: Final = Config(read_timeout=120, retries={"total_max_attempts": 1})
Probe = Callable[[], str]


class Probes:
    """The probes of a stage; each call works on routes, files and flights that no call before it knew."""

    def __init__(self, stack: Stack) -> None:
        self._stage, self._outputs, self._cloud = stack.stage, stack.outputs, stack.cloud
        self._desk = AlertDesk(stack.cloud, stack.outputs, stack.stage)
        self._advised = Advised(stack.cloud, stack.stage, stack.outputs)
        self._lambda = self._desk.client("lambda", config=ONCE)
        self._s3 = stack.cloud.client("s3")
        self._numbers = itertools.count(100)
        self.of_function: dict[str, Probe] = {
            "semaforo": self.semaforo,
            "sweeper": self.sweeper,
            "light-log-feed": self.light_log_feed,
            "partner-file": self.partner_file,
            "partner-queue": self.partner_queue,
            "flights": self.flights,
            "recommender": self.recommender,
        }

    def start_anew(self, function: str) -> None:
        """The function's next call is its first: what it reads once, it reads again."""
        name = f"semaforo-{self._stage}-{function}"
        variables = self._lambda.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        anew = {"Variables": {**variables, "ANEW": str(next(self._numbers))}}
        self._lambda.update_function_configuration(FunctionName=name, Environment=anew)

    def semaforo(self) -> str:
        """A new route, garbage beside it, an alarm, a storm over five more that settles, and a row of two known routes
        that changes nothing."""
        number = next(self._numbers)
        routes = [f"R{number}-X", f"R{number}-Y"]
        hub, stormy = f"H{number}", [f"H{number}-{end}" for end in "ABCDE"]

        def rows(at: int, on_time: int, of: list[str] = routes) -> bytes:
            return pack_rows([row(at, on_time, flights=40, entity=route, ingested_at=now()) for route in of])

        events = [kinesis_event(rows(at, 40), rows(at, 40, stormy)) for at in (0, 30)]
        events += [kinesis_event(rows(at, 4), rows(at, 4, stormy)) for at in (60, 90, 120)]
        events += [kinesis_event(f"garbage {number}".encode(), rows(150, 4))]
        events[-1]["Records"][0]["kinesis"]["sequenceNumber"] = f"g{number}"
        for event in events:
            answer, problem = self._invoke("semaforo", event)
            if problem or answer["batchItemFailures"]:
                return problem or "records failed"
        key = {"entity": {"S": f"route#{routes[0]}"}}
        item = self._desk.dynamodb.get_item(TableName=self._desk.settings.lights_table, Key=key).get("Item")
        if not item or item["at"]["S"] != minutes(150).isoformat():
            return "the newest row is not stored"
        entries = self._desk.log(routes[0])
        if not any(entry.transition.to_light is Light.RED and entry.sent_at for entry in entries):
            return "no alarm was sent and marked"
        if not self._desk.quarantined([f"g{number}"]):
            return "garbage is not in quarantine"
        return "" if self._is_summed_up(hub) else "nothing was said of the storm"

    def sweeper(self) -> str:
        """Three alerts that a dead worker left, a storm that begins and ends, and silence of all inputs."""
        number = next(self._numbers)
        with FaultyProxy(self._cloud.endpoint_url) as proxy:
            proxy.plan = first(10_000, "PublishBatch", "refuse")
            then = now() - timedelta(minutes=5)
            long_ago = self._desk.assembly(proxy.url, clock=lambda: then, storm_network_routes=0)
            if long_ago.semaforo().process([trouble(f"S{number}-T{number}")]).unsent != 3:
                return "nothing was left to the sweeper"
        hub = f"V{number}"
        workers = self._desk.assembly(storm_routes=5, storm_network_routes=0, storm_settle_seconds=0)
        for at, on_time in ((0, 9), (10, 4)):
            workers.semaforo().process([[row(at, on_time, entity=f"{hub}-{end}{number}") for end in "ABCDE"]])
        answer, problem = self._invoke("sweeper", {})
        if problem or answer["sent"] < 3 or answer["failed"]:
            return problem or f"{answer}"
        if not self._is_summed_up(hub):
            return "nothing was said of the storm"
        workers.semaforo().process([[row(20, 9, entity=f"{hub}-{end}{number}") for end in "ABCDE"]])
        documents = Documents(self._desk.dynamodb, self._desk.settings)
        documents.put(documents.get(ROWS_KEY).written(RowsSeen(now() - timedelta(hours=1))))
        answer, problem = self._invoke("sweeper", {})
        if problem:
            return problem
        if any(storm.airport == hub for storm in documents.get(CAUSES_KEY).read(Causes, Causes()).storms):
            return "the storm that is over goes on"
        return "" if documents.get(ROWS_KEY).read(RowsSeen, RowsSeen(now())).silent_since_at else "nothing of silence"

    def _is_summed_up(self, hub: str) -> bool:
        alerts = History(self._desk.dynamodb, self._desk.settings).alerts()
        said = (one.message for one in alerts if isinstance(one.message, Alert) and one.message.kind == "summary")
        return any(hub in one.subject for one in said)

    def light_log_feed(self) -> str:
        """One change of the log."""
        return self._invoke("light-log-feed", {"Records": [change(next(self._numbers))]})[1]

    def partner_file(self) -> str:
        """A file with a good and a bad line, in its very version."""
        number = next(self._numbers)
        bucket, key = self._outputs["PartnerBucket"], f"received/acme/{number}.csv"
        body = "\n".join([HEADER, GOOD.format(number=number), BAD.format(number=number)]).encode()
        put = self._s3.put_object(Bucket=bucket, Key=key, Body=body)
        source = {"bucket": {"name": bucket}, "object": {"key": key, "versionId": put.get("VersionId", "")}}
        answer, problem = self._invoke("partner-file", {"Records": [{"s3": source}]})
        if problem or answer[0]["outcome"] != "published":
            return problem or f"{answer}"
        self._s3.head_object(Bucket=bucket, Key=f"rejects/acme/{number}.csv.jsonl")
        return ""

    def partner_queue(self) -> str:
        """A message with a good line."""
        line = dict(zip(HEADER.split(","), GOOD.format(number=next(self._numbers)).split(","), strict=True))
        answer, problem = self._invoke("partner-queue", {"Records": [{"messageId": "1", "body": json.dumps(line)}]})
        return problem or ("" if not answer["batchItemFailures"] else f"{answer}")

    def flights(self) -> str:
        """A flight that nobody knew."""
        number = str(next(self._numbers))
        at = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
        flight = status(FlightState.SCHEDULED, at, number=number, flight_id=f"AM-{number}-2026-03-02-MEX")
        answer, problem = self._invoke("flights", kafka_event(encode(flight)))
        return problem or ("" if answer["written"] == 1 else f"{answer}")

    def recommender(self) -> str:
        """A late aircraft, another one that waits, the route that turns red, and the minute after."""
        number = next(self._numbers)
        tag = f"{chr(65 + number // 26 % 26)}{chr(65 + number % 26)}"
        home = f"Q{tag}"
        self._advised.fly(3 * number, -60, f"{tag}-1", f"CUN-{home}", departed=-2)
        self._advised.fly(3 * number + 1, 60, f"{tag}-1", f"{home}-GDL")
        self._advised.fly(3 * number + 2, 200, f"{tag}-2", f"{home}-MTY")
        turned = msgspec.structs.replace(transition(Light.RED, entity=f"{home}-GDL"), at=NOW)
        answer, problem = self._invoke("recommender", {"Records": [record(turned)]})
        if problem or (answer["given"], answer["told"]) != (1, 1):
            return problem or f"{answer}"
        return self._invoke("recommender", {})[1]

    def _invoke(self, function: str, event: dict[str, Any]) -> tuple[Any, str]:
        """The function's answer, and why it failed."""
        name = f"semaforo-{self._stage}-{function}"
        answered = self._lambda.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        answer = json.loads(answered["Payload"].read())
        return answer, json.dumps(answer)[:300] if "FunctionError" in answered else ""


def wait_till_well(probe: Probe, seconds: float = 60) -> None:
    """A function that was just deployed may not be ready at its first event."""
    deadline = time.monotonic() + seconds
    while why := probe():
        assert time.monotonic() < deadline, why
        time.sleep(0.5)
