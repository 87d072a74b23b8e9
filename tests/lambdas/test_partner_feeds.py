"""Names of partners' objects, answers to the queue, and the login to MSK."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given
from hypothesis import strategies as st

from lambdas.feed_settings import KafkaSettings
from lambdas.kafka_sender import KafkaSender
from lambdas.partner_bucket import PartnerObject
from lambdas.partner_queue import process
from producers.errors import PublishFailed
from producers.kafka_login import token
from producers.summary import Tally
from schemas.events import Event

LINE = {
    "origen": "MEX",
    "destino": "CUN",
    "numero_vuelo": "AM501",
    "fecha": "2026-03-02",
    "estado": "programado",
    "hora_salida_programada": "06:30",
    "hora_llegada_programada": "09:45",
}
CANONICAL = {
    "record": "AirportWeather",
    "event_id": "w-1",
    "event_at": "2026-03-02T13:00:00Z",
    "source": "acme",
    "airport": "MEX",
    "observed_at": "2026-03-02T12:00:00Z",
    "wind_kt": 12.0,
}


class Brokers(KafkaSender):
    """Takes so many messages, then fails."""

    def __init__(self, takes: int) -> None:
        super().__init__(KafkaSettings(kafka_bootstrap_parameter="/none"))
        self.sent: list[Event] = []
        self.tried = 0
        self._takes = takes

    def send(self, events: Iterable[Event]) -> Tally:
        self.tried += 1
        if self.tried > self._takes:
            raise PublishFailed("flight-status", 0, "made up")
        self.sent += events
        return Tally()


def answer(bodies: list[str], brokers: KafkaSender) -> list[str]:
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    return [failure["itemIdentifier"] for failure in process(records, brokers)["batchItemFailures"]]


def test_lines_and_events_are_sent_and_only_the_bad_is_reported() -> None:
    brokers = Brokers(takes=10)
    bodies = [
        json.dumps(LINE),
        "{",
        json.dumps(CANONICAL),
        json.dumps({**CANONICAL, "record": "RouteHeartbeat"}),
        json.dumps({**CANONICAL, "wind": 1}),
        json.dumps({**CANONICAL, "airport": "mexico"}),
        json.dumps({**CANONICAL, "event_at": "2126-03-02T13:00:00Z"}),
        "[]",
        json.dumps({**LINE, "destino": "MEX"}),
    ]
    assert answer(bodies, brokers) == ["1", "3", "4", "5", "6", "7", "8"]
    assert [event.event_id for event in brokers.sent] == ["partner-queue:AM-501-2026-03-02-MEX:scheduled", "w-1"]


def test_when_brokers_fail_that_message_and_the_rest_come_again_and_they_are_tried_once() -> None:
    brokers = Brokers(takes=1)
    assert answer([json.dumps(LINE)] * 4, brokers) == ["1", "2", "3"]
    assert brokers.tried == 2


@given(st.text(max_size=300))
def test_no_message_makes_the_function_fail(body: str) -> None:
    assert answer([body], Brokers(takes=10)) == ["0"]


@pytest.mark.parametrize(
    ("key", "partner", "suffix"),
    [
        ("received/Aero Ñandú/vuelos de marzo.CSV", "aero_nandu", ".csv"),
        ("received/file", "partner", ""),
        ("received/acme/2026/03/x.parquet", "acme", ".parquet"),
        ("received/日本/x.a b", "partner", ""),
    ],
)
def test_a_key_is_read_as_it_is_written_in_an_event(key: str, partner: str, suffix: str) -> None:
    record = {"s3": {"bucket": {"name": "b"}, "object": {"key": quote_plus(key, safe="/"), "versionId": "v1"}}}
    found = PartnerObject.of_record(record)
    assert (found.key, found.partner, found.suffix, found.version) == (key, partner, suffix, "v1")


def test_the_token_is_a_signed_request_to_connect_that_ends_in_a_quarter_of_an_hour() -> None:
    text, ends = token("eu-west-1", ReadOnlyCredentials("AKIDEXAMPLE", "secret", "session"))
    url = urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    words = parse_qs(url.query)
    assert (url.scheme, url.netloc, url.path) == ("https", "kafka.eu-west-1.amazonaws.com", "/")
    assert words["Action"] == ["kafka-cluster:Connect"]
    assert words["X-Amz-Credential"][0].endswith("/eu-west-1/kafka-cluster/aws4_request")
    assert words["X-Amz-Security-Token"] == ["session"]
    assert words["X-Amz-Expires"] == ["900"]
    assert "secret" not in text
    assert 0 < ends - datetime.now(UTC).timestamp() <= 900
