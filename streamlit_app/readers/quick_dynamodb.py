"""DynamoDB's answers sooner: what the app asks several times a second, for as long as a page is open, at a third of the
SDK's CPU.

A read goes straight to the endpoint, signed by the SDK's own signer, and what comes is taken as it stands. Whatever is
no answer (an error, a throttled table, a cut wire) is asked again the SDK's way, and that way's tries, waits and errors
are what the caller sees.
"""

import time
import zlib
from base64 import b64decode
from collections import deque
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import create_default_context
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import boto3
import msgspec
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError
from botocore.httpsession import get_cert_path
from botocore.session import Session
from botocore.utils import get_environ_proxies

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient

READS: Final = frozenset({"GetItem", "BatchGetItem", "Query", "Scan"})
PATIENCE_SECONDS: Final = 1.0
"""A table answers in ten milliseconds; who waits longer is better off with another try."""
REST_SECONDS: Final = 10.0
"""After something that was no answer all goes the SDK's way: a throttled table is not asked twice as often."""


class NoAnswerError(Exception):
    """The SDK is to ask."""


NO_ANSWER: Final = (NoAnswerError, OSError, HTTPException, BotoCoreError, msgspec.MsgspecError, ValueError)
"""The last two where what came is torn."""


class _Quick:
    """In the place of a client's `_make_api_call`, where those who trace AWS calls put themselves too."""

    def __init__(self, client: Any, session: Session, credentials: Credentials) -> None:
        self._ask_sdk = client._make_api_call
        self._target = client.meta.service_model.metadata["targetPrefix"]
        self._url = client.meta.endpoint_url
        self._user_agent = client.meta.config.user_agent
        self._region = client.meta.region_name
        self._credentials = credentials
        self._host = urlsplit(self._url)
        ca_bundle = session.get_config_variable("ca_bundle") or get_cert_path(True)
        self._tls = create_default_context(cafile=ca_bundle) if self._host.scheme == "https" else None
        self._idle: deque[HTTPConnection] = deque()
        self._rests_until = 0.0

    def call(self, operation: str, params: dict[str, Any]) -> Any:
        """What the SDK would answer, but for what it says of the answer itself. Raises what it raises."""
        if operation in READS and time.monotonic() >= self._rests_until:
            try:
                return self._ask(operation, params)
            except NO_ANSWER:
                self._rests_until = time.monotonic() + REST_SECONDS
        return self._ask_sdk(operation, params)

    def _ask(self, operation: str, params: dict[str, Any]) -> Any:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "User-Agent": self._user_agent,
            "X-Amz-Target": f"{self._target}.{operation}",
        }
        request = AWSRequest("POST", self._url, headers, msgspec.json.encode(params))
        SigV4Auth(self._credentials, "dynamodb", self._region).add_auth(request)
        content = self._sent(request)
        answer = msgspec.json.decode(content)
        return _with_bytes(answer) if b'"B' in content else answer

    def _sent(self, request: AWSRequest) -> bytes:
        while True:
            connection, is_new = self._connection()
            try:
                connection.request("POST", "/", request.data, dict(request.headers))
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, HTTPException) as error:
                connection.close()
                if is_new or isinstance(error, TimeoutError):
                    raise
                continue  # the other end had closed it meanwhile
            self._idle.append(connection)  # opens itself again if the answer ended it
            checksum = answer.getheader("x-amz-crc32")
            if answer.status != 200 or (checksum and int(checksum) != zlib.crc32(content)):
                raise NoAnswerError
            return content

    def _connection(self) -> tuple[HTTPConnection, bool]:
        """One that is idle, or a new one. Safe for threads, as the ends of a deque are."""
        try:
            return self._idle.pop(), False
        except IndexError:
            where = self._host.hostname or "", self._host.port
            if self._tls is None:
                return HTTPConnection(*where, timeout=PATIENCE_SECONDS), True
            return HTTPSConnection(*where, timeout=PATIENCE_SECONDS, context=self._tls), True


def _with_bytes(node: Any) -> Any:
    """With bytes, which come as base64, for what they are. Only a value can have text, or a list of texts, under the
    name of that kind: what stands under an attribute's name is a value itself."""
    if isinstance(node, list):
        return [_with_bytes(one) for one in node]
    if not isinstance(node, dict):
        return node
    if isinstance(text := node.get("B"), str):
        return {"B": b64decode(text)}
    if isinstance(texts := node.get("BS"), list):
        return {"BS": [b64decode(one) for one in texts]}
    return {name: _with_bytes(one) for name, one in node.items()}


def quick_dynamodb(config: "Config") -> "DynamoDBClient":
    """A client whose answers are those of any other, sooner. Behind a proxy it is any other."""
    session = Session()
    client = boto3.Session(botocore_session=session).client("dynamodb", config=config)
    credentials = session.get_credentials()
    if credentials and not get_environ_proxies(client.meta.endpoint_url):
        client._make_api_call = _Quick(client, session, credentials).call  # type: ignore[attr-defined]
    return client
