"""An HTTP proxy before the local cloud that breaks chosen calls: refused, or answered into the void, as networks do; or
throttled, as DynamoDB does.

The clients behind it see real connection errors, so their own retries, time limits and tokens are part of the test.
"""

import contextlib
import http.client
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal, Self
from urllib.parse import parse_qs, urlsplit

Fate = Literal["pass", "refuse", "lose answer", "throttle"]
Plan = Callable[[str], Fate]


def operation(headers: Any, body: bytes) -> str:
    """ "TransactWriteItems", "PublishBatch" …: DynamoDB and SQS name it in a header, SNS in the body."""
    if target := headers.get("X-Amz-Target"):
        return str(target).rpartition(".")[2]
    return parse_qs(body.decode(errors="replace")).get("Action", ["?"])[0]


THROTTLED: Final = json.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "The level of configured provisioned throughput for the table was exceeded.",
    }
).encode()
"""As DynamoDB words it, with status 400."""


class FaultyProxy:
    """`plan` says what happens to a call, by its operation; `calls` lists all that arrived."""

    def __init__(self, upstream: str, plan: Plan = lambda _operation: "pass") -> None:
        self.plan = plan
        self.calls: list[str] = []
        self._upstream = urlsplit(upstream).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where the clients are to be pointed."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                name = operation(self.headers, body)
                proxy.calls.append(name)
                fate = proxy.plan(name)
                if fate == "refuse":
                    return self._hang_up()
                if fate == "throttle":
                    return self._answer(400, {"Content-Type": "application/x-amz-json-1.0"}, THROTTLED)
                status, headers, answer = proxy.forward(self.path, dict(self.headers), body)
                if fate == "lose answer":
                    return self._hang_up()
                return self._answer(status, headers, answer)

            def _answer(self, status: int, headers: Any, answer: bytes) -> None:
                self.send_response(status)
                for key in ("Content-Type", "x-amzn-RequestId", "x-amz-crc32"):
                    if key in headers:
                        self.send_header(key, headers[key])
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def _hang_up(self) -> None:
                self.close_connection = True
                self.connection.close()

            def log_message(self, *_: object) -> None:
                pass

            def handle(self) -> None:
                with contextlib.suppress(OSError, ValueError):  # the client died or we hung up: that is the point
                    super().handle()

        return Handler

    def forward(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        """The call as it came, and its answer."""
        connection = http.client.HTTPConnection(self._upstream, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


def first(count: int, name: str, fate: Fate) -> Plan:
    """The first `count` calls of an operation meet this fate, the others pass."""
    left = [count]
    lock = threading.Lock()

    def plan(operation: str) -> Fate:
        with lock:
            if operation != name or not left[0]:
                return "pass"
            left[0] -= 1
            return fate

    return plan
