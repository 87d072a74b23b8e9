"""AviationStack's `/v1/flights` as it is documented, on this machine: pages, filters, error bodies, and bad days.

The shapes are those of its documentation and of answers people have published; the flights are made up.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"


def flight(**changes: Any) -> dict[str, Any]:
    """Scoot 428, Singapore to Penang, both UTC+8: out 13 minutes late, in 17 early. `departure_x` changes x there."""
    one: dict[str, Any] = {
        "flight_date": "2020-02-04",
        "flight_status": "landed",
        "departure": {
            "airport": "Singapore Changi",
            "timezone": "Asia/Singapore",
            "iata": "SIN",
            "icao": "WSSS",
            "terminal": "1",
            "gate": "D35",
            "delay": 13,
            "scheduled": "2020-02-04T20:25:00+00:00",
            "estimated": "2020-02-04T20:25:00+00:00",
            "actual": "2020-02-04T20:38:00+00:00",
            "estimated_runway": "2020-02-04T20:38:00+00:00",
            "actual_runway": "2020-02-04T20:38:00+00:00",
        },
        "arrival": {
            "airport": "Penang International",
            "timezone": "Asia/Kuala_Lumpur",
            "iata": "PEN",
            "icao": "WMKP",
            "terminal": "I",
            "gate": None,
            "baggage": None,
            "delay": None,
            "scheduled": "2020-02-04T21:50:00+00:00",
            "estimated": "2020-02-04T21:50:00+00:00",
            "actual": "2020-02-04T21:33:00+00:00",
            "estimated_runway": "2020-02-04T21:33:00+00:00",
            "actual_runway": "2020-02-04T21:33:00+00:00",
        },
        "airline": {"name": "Scoot", "iata": "TR", "icao": "TGW"},
        "flight": {"number": "428", "iata": "TR428", "icao": "TGW428", "codeshared": None},
        "aircraft": {"registration": "9V-TAU", "iata": "A320", "icao": "A320", "icao24": "76D035"},
        "live": None,
    }
    for name, value in changes.items():
        part, _, field = name.partition("_")
        if part in ("departure", "arrival", "airline") and field:
            one[part][field] = value
        elif name in ("number", "codeshared"):
            one["flight"][name] = value
        else:
            one[name] = value
    return one


def failure(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


class Answer:
    """One answer that is not a page: its status, body and headers; `drip` seconds between two of its bytes."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str] | None = None, drip: float = 0.0) -> None:
        self.status, self.body, self.headers, self.drip = status, body, headers or {}, drip


class FlightsApi(ThreadingHTTPServer):
    """`flights` are what it knows, `bad_days` what it answers first instead, in order; `asked` the queries it saw."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.flights: list[dict[str, Any]] = []
        self.bad_days: list[Answer] = []
        self.asked: list[dict[str, str]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: FlightsApi

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append(asked)
        if self.server.bad_days:
            self._answer(self.server.bad_days.pop(0))
        elif parts.path != "/v1/flights":
            self._answer(Answer(404, failure("404_not_found", "The requested resource does not exist.")))
        elif asked.get("access_key") != KEY:
            self._answer(Answer(401, failure("invalid_access_key", "You have not supplied a valid API Access Key.")))
        else:
            self._answer(Answer(200, self._page(asked)))

    def _page(self, asked: dict[str, str]) -> bytes:
        limit, offset = min(int(asked.get("limit", 100)), 100), int(asked.get("offset", 0))
        found = [one for one in self.server.flights if self._is_meant(one, asked)]
        data = found[offset : offset + limit]
        pagination = {"limit": limit, "offset": offset, "count": len(data), "total": len(found)}
        return json.dumps({"pagination": pagination, "data": data}).encode()

    def _is_meant(self, one: dict[str, Any], asked: dict[str, str]) -> bool:
        return bool(
            asked.get("flight_date", one["flight_date"]) == one["flight_date"]
            and asked.get("dep_iata", one["departure"]["iata"]) == one["departure"]["iata"]
            and ("airline_iata" not in asked or asked["airline_iata"] == one["airline"]["iata"])
        )

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        try:
            for number in range(0, len(answer.body), 1 if answer.drip else len(answer.body) or 1):
                if answer.drip and self.server.over.wait(answer.drip):
                    return
                self.wfile.write(answer.body[number : number + 1] if answer.drip else answer.body)
        except OSError:
            return  # who asked has hung up

    def log_message(self, *_message: Any) -> None:
        """A test is silent."""


@contextmanager
def flights_api() -> Iterator[FlightsApi]:
    """A running one."""
    server = FlightsApi()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Clock:
    """Waiting moves it and takes no time; `waited` says how long each time."""

    def __init__(self) -> None:
        self.seconds = time.monotonic()
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.waited.append(seconds)
