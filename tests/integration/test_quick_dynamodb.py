"""DynamoDB asked the short way: the SDK's answers, and the SDK's own way where there is none."""

import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3
import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ClientError, EndpointConnectionError
from mypy_boto3_dynamodb import DynamoDBClient

from streamlit_app.readers import quick_dynamodb
from streamlit_app.readers.stage import CLIENT
from tests.faulty_proxy import Fate, FaultyProxy, first
from tests.integration.alert_desk import AlertDesk
from tests.local_server import answering

pytestmark = pytest.mark.integration

EVERY_KIND: dict[str, Any] = {
    "text": {"S": 'ÑANDÚ "B": \u202e'},
    "number": {"N": "-12.5"},
    "bytes": {"B": b"\x00\xffB"},
    "truth": {"BOOL": True},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "blobs": {"BS": [b"\x01", b"\x02"]},
    "list": {"L": [{"B": b"\xfe"}, {"M": {"S": {"B": b"deep"}, "B": {"N": "1"}}}]},
    "S": {"N": "7"},
}
"""Attributes may be named as kinds are."""

Sdk = list[str]
ClientIn = Callable[[dict[str, str]], DynamoDBClient]


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> Sdk:
    """The calls that went the SDK's way, as they come."""
    asked: Sdk = []
    make_request = Endpoint.make_request

    def noted(endpoint: Any, operation: Any, request: Any) -> Any:
        asked.append(operation.name)
        return make_request(endpoint, operation, request)

    monkeypatch.setattr(Endpoint, "make_request", noted)
    return asked


@pytest.fixture
def client_in(monkeypatch: pytest.MonkeyPatch) -> ClientIn:
    """A client as the app has it, in this environment."""

    def client(variables: dict[str, str]) -> DynamoDBClient:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return quick_dynamodb.quick_dynamodb(CLIENT)

    return client


def test_every_kind_of_value_reads_as_the_sdk_reads_it(desk: AlertDesk, client_in: ClientIn, sdk: Sdk) -> None:
    quick = client_in(desk.environment())
    plain = boto3.client("dynamodb")
    table = "semaforo-test-delivery"
    for number in range(3):
        plain.put_item(TableName=table, Item={"pk": {"S": "kinds"}, "sk": {"S": f"{number}"}, **EVERY_KIND})
    key = {"pk": {"S": "kinds"}, "sk": {"S": "1"}}
    where: dict[str, Any] = {
        "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "kinds"}},
    }  # fmt: skip
    by_bytes: dict[str, Any] = {
        "FilterExpression": "bytes = :bytes", "ExpressionAttributeValues": {":bytes": EVERY_KIND["bytes"]},
    }  # fmt: skip

    def answers(client: DynamoDBClient) -> list[Any]:
        given: list[Any] = [
            client.get_item(TableName=table, Key=key),
            client.get_item(TableName=table, Key={**key, "sk": {"S": "not there"}}),
            client.get_item(TableName=table, Key=key, ProjectionExpression="sk"),
            client.batch_get_item(RequestItems={table: {"Keys": [key], "ConsistentRead": True}}),
            client.scan(TableName=table, **by_bytes),
            *client.get_paginator("query").paginate(TableName=table, PaginationConfig={"PageSize": 2}, **where),
        ]
        return [{name: part for name, part in one.items() if name != "ResponseMetadata"} for one in given]

    wanted = answers(plain)
    assert {name: wanted[0]["Item"][name] for name in EVERY_KIND} == EVERY_KIND
    assert len(wanted) == 7
    sdk.clear()
    assert answers(quick) == wanted
    assert sdk == []


def test_what_is_no_answer_is_asked_the_sdks_way(
    desk: AlertDesk, client_in: ClientIn, proxy: FaultyProxy, sdk: Sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_in(desk.environment(proxy.url))
    table = "semaforo-test-delivery"

    def count() -> int:
        return client.query(
            TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": "nobody"}}
        )["Count"]

    monkeypatch.setattr(quick_dynamodb, "REST_SECONDS", 0.0)
    assert count() == 0
    # a cut wire may be one that was closed for having been idle, so a new one is tried first
    fates: tuple[tuple[Fate, int], ...] = (("throttle", 1), ("refuse", 2), ("lose answer", 2))
    for fate, times in fates:
        proxy.plan = first(times, "Query", fate)
        sdk.clear()
        assert count() == 0
        assert sdk == ["Query"], f"after {fate} the SDK asked"
        assert count() == 0
        assert sdk == ["Query"], "and the next call went the short way again"

    monkeypatch.setattr(quick_dynamodb, "REST_SECONDS", 3600.0)
    proxy.plan = lambda _operation: "throttle"
    proxy.calls.clear()
    with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
        count()
    assert proxy.calls == ["Query"] * 3, "once the short way, then as often as the SDK tries"
    with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
        count()
    assert proxy.calls == ["Query"] * 5, "a throttled table is not asked more often than by the SDK"


def test_a_table_that_is_slow_is_waited_for_once_however_many_connections_are_idle(
    desk: AlertDesk, client_in: ClientIn, proxy: FaultyProxy, sdk: Sdk
) -> None:
    client = client_in(desk.environment(proxy.url))
    together, over = threading.Barrier(3), threading.Event()

    def meet(_operation: str) -> Fate:
        together.wait(30)
        return "pass"

    def hang_at_first(_operation: str) -> Fate:
        if len(proxy.calls) == 1:
            over.wait(30)
        return "pass"

    def look(_number: int) -> int:
        return client.scan(TableName="semaforo-test-delivery")["Count"]

    proxy.plan = meet
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(look, range(3)))
    assert sdk == []
    proxy.plan = hang_at_first
    proxy.calls.clear()
    try:
        look(0)
    finally:
        over.set()
    assert (proxy.calls, sdk) == (["Scan", "Scan"], ["Scan"])


def test_errors_are_the_sdks(desk: AlertDesk, client_in: ClientIn, proxy: FaultyProxy) -> None:
    client = client_in(desk.environment(proxy.url))
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.scan(TableName="semaforo-test-nowhere")
    with table_server() as (url, _):
        client = client_in(desk.environment(url))
    with pytest.raises(EndpointConnectionError):  # nobody listens there any more
        client.scan(TableName="semaforo-test-delivery")


def test_who_sits_behind_a_proxy_has_the_sdks_client(
    desk: AlertDesk, client_in: ClientIn, proxy: FaultyProxy, sdk: Sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "")
    client = client_in({**desk.environment(), "AWS_ENDPOINT_URL": "http://tables.example"})
    proxy.plan = lambda _operation: "throttle"
    with pytest.raises(ClientError, match="ProvisionedThroughputExceeded"):
        client.scan(TableName="semaforo-test-delivery")
    assert sdk == ["Scan"]
    assert proxy.calls == ["Scan", "Scan"], "the proxy was asked, as often as the SDK tries"


NOTHING = b'{"Items": [], "Count": 0, "ScannedCount": 0}'


@contextmanager
def table_server(*answers: tuple[bytes, int | None]) -> Iterator[tuple[str, list[int]]]:
    """Gives these answers, each with a checksum unless that is None, and after each closes the connection without a
    word. Its address, and the port of each caller."""
    callers: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content, checksum = answers[len(callers)]
            callers.append(self.client_address[1])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            if checksum is not None:
                self.send_header("x-amz-crc32", str(checksum))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with answering(Handler) as url:
        yield url, callers


def test_a_connection_that_was_closed_meanwhile_is_opened_again(desk: AlertDesk, client_in: ClientIn, sdk: Sdk) -> None:
    with table_server(*[(NOTHING, zlib.crc32(NOTHING))] * 3) as (url, callers):
        client = client_in(desk.environment(url))
        assert [client.scan(TableName="any")["Count"] for _ in range(3)] == [0, 0, 0]
        assert (sdk, len(set(callers))) == ([], 3)


@pytest.mark.parametrize(
    "damaged", [(NOTHING, 1), (NOTHING[:20], None), (b'{"Items": [{"pk": {"B": "abcde"}}]}', None)]
)
def test_an_answer_that_was_damaged_on_its_way_is_not_believed(
    damaged: tuple[bytes, int | None], desk: AlertDesk, client_in: ClientIn, sdk: Sdk
) -> None:
    with table_server(damaged, (NOTHING, None)) as (url, callers):
        client = client_in(desk.environment(url))
        assert client.scan(TableName="any")["Count"] == 0
        assert (sdk, len(callers)) == (["Scan"], 2)
