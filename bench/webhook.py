"""A subscriber that SNS calls: an HTTP endpoint of this process, confirmed as AWS asks.

A queue that is polled adds the poll to every latency; the local cloud looks into a waiting queue ten times a second.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self

from deploy.demo.listeners import Received

CONFIRMED_SECONDS: Final = 30.0


class Webhook:
    """The alerts of a topic as an HTTP subscriber gets them, each kept once, from entering to leaving the context."""

    def __init__(self, sns: Any, topic_arn: str) -> None:
        self.received: dict[str, Received] = {}
        self.newest_at = time.monotonic()
        self._sns = sns
        self._topic_arn = topic_arn
        self._confirmed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._take))
        self._thread = threading.Thread(target=self._server.serve_forever, name="webhook", daemon=True)

    def __enter__(self) -> Self:
        """Subscribe. Raises TimeoutError if SNS does not call."""
        self._thread.start()
        endpoint = f"http://127.0.0.1:{self._server.server_port}/"
        self._sns.subscribe(TopicArn=self._topic_arn, Protocol="http", Endpoint=endpoint)
        if not self._confirmed.wait(CONFIRMED_SECONDS):
            self.__exit__()
            raise TimeoutError(f"SNS did not ask {endpoint} to confirm within {CONFIRMED_SECONDS:.0f} s")
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def quiet_seconds(self) -> float:
        """How long nothing new has come."""
        return time.monotonic() - self.newest_at

    def _take(self, envelope: dict[str, Any], received_at: datetime) -> None:
        if envelope["Type"] == "SubscriptionConfirmation":
            self._sns.confirm_subscription(TopicArn=envelope["TopicArn"], Token=envelope["Token"])
            self._confirmed.set()
        else:
            received = Received.of(envelope, received_at)
            self.received.setdefault(received.alert.alert_id, received)
            self.newest_at = time.monotonic()


def _handler(take: Callable[[dict[str, Any], datetime], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            take(json.loads(body), datetime.now(UTC))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            pass

    return Handler
