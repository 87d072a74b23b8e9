"""The subscriber that SNS calls: confirmed first, then every alert once."""

import json
import threading
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from bench import webhook
from bench.webhook import Webhook
from tests.alerts.test_bodies import alert

TOPIC = "arn:aws:sns:us-east-1:000000000000:alerts"


class Sns:
    """Calls whoever subscribes, as SNS does: with a token first, and with messages once that came back."""

    def __init__(self) -> None:
        self.endpoint = ""
        self.confirmed: list[dict[str, Any]] = []

    def subscribe(self, **asked: Any) -> None:
        self.endpoint = asked["Endpoint"]
        message = {"Type": "SubscriptionConfirmation", "TopicArn": asked["TopicArn"], "Token": "t1"}
        threading.Thread(target=self.post, args=(message,)).start()

    def confirm_subscription(self, **asked: Any) -> None:
        self.confirmed.append(asked)

    def post(self, message: dict[str, Any]) -> None:
        host = urlsplit(self.endpoint).netloc
        with closing(HTTPConnection(host, timeout=10)) as connection:
            connection.request("POST", "/", json.dumps(message))
            assert connection.getresponse().status == 200


def test_it_confirms_and_keeps_each_alert_once() -> None:
    sns = Sns()
    with Webhook(sns, TOPIC) as subscriber:
        assert sns.confirmed == [{"TopicArn": TOPIC, "Token": "t1"}]
        message = {"Type": "Notification", "Message": msgspec.json.encode(alert()).decode()}
        sns.post(message)
        first = subscriber.received[alert().alert_id]
        sns.post(message)
    assert first.alert == alert()
    assert list(subscriber.received.values()) == [first]
    assert subscriber.received[alert().alert_id] is first


def test_a_topic_that_never_calls_is_no_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Sns):
        def subscribe(self, **asked: Any) -> None:
            pass

    monkeypatch.setattr(webhook, "CONFIRMED_SECONDS", 0.1)
    with pytest.raises(TimeoutError, match="did not ask"), Webhook(Silent(), TOPIC):
        pass
