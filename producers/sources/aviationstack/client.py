"""Asks AviationStack page by page: within the quota, patient for a while, and silent about its key.

The key travels in the query, as their API wants it. So no URL is ever shown, no redirect is followed, plain http is
for this machine alone, and what an error of the transport says is looked through before it is passed on.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPErrorProcessor, Request, build_opener

from producers.sources.aviationstack.errors import AskedInVain, TryAgain
from producers.sources.aviationstack.quota import Quota
from producers.sources.aviationstack.reply import Page, read_page
from schemas.errors import SemaforoError

BASE_URL: Final = "https://api.aviationstack.com/v1"
PAGE_FLIGHTS: Final = 100
"""The most a page holds on every plan."""

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 60.0
LARGEST_BODY: Final = 16 * 1024 * 1024  # a page of 100 flights is 0.1 MB
_CHUNK: Final = 64 * 1024


class _AsItIs(HTTPErrorProcessor):
    """Any answer is an answer. A redirect is none to follow: whoever answers elsewhere would be handed the key."""

    def http_response(self, request: Request, response: Any) -> Any:
        return response

    https_response = http_response


def check_base_url(url: str) -> str:
    """The URL without a slash at its end. ValueError unless it is https, or http to this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return url.rstrip("/")
    raise ValueError(f"{parts.scheme or 'no scheme'}: the key may only travel by https")


class Client:
    """Flights of a question, asked for as they are needed. `patience_seconds` is for one page, retries included."""

    def __init__(
        self,
        key: str,
        quota: Quota,
        *,
        base_url: str = BASE_URL,
        timeout_seconds: float = 20.0,
        patience_seconds: float = 180.0,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._key, self._quota, self._base_url = key, quota, check_base_url(base_url)
        self._timeout_seconds, self._patience_seconds = timeout_seconds, patience_seconds
        self._clock, self._wait, self._chance = clock, wait, chance
        self._opener = build_opener(_AsItIs)

    def __repr__(self) -> str:
        return f"Client({self._base_url})"

    def pages(self, question: Mapping[str, str], most: int | None = None) -> Iterator[Page]:
        """Every page of a question, up to `most` flights. Raises QuotaReached, KeyRefused or AskedInVain."""
        seen = 0
        while most is None or seen < most:
            size = PAGE_FLIGHTS if most is None else min(PAGE_FLIGHTS, most - seen)
            page = self._page({**question, "limit": str(size), "offset": str(seen)})
            if not page.data:
                return
            yield page
            seen += len(page.data)
            if seen >= page.pagination.total:
                return

    def _page(self, question: Mapping[str, str]) -> Page:
        """One page, asked for again while that may help: full jitter, doubling, or as long as they say."""
        give_up_at = self._clock() + self._patience_seconds
        attempt = 0
        while True:
            self._quota.take()
            try:
                return self._ask(question, give_up_at)
            except TryAgain as again:
                highest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0**attempt)
                seconds = max(again.after_seconds, highest * self._chance())
                attempt += 1
                if self._clock() + seconds >= give_up_at:
                    tries = "1 attempt" if attempt == 1 else f"{attempt} attempts"
                    raise AskedInVain(f"no page in {self._patience_seconds:g} s and {tries}: {again}") from None
                self._wait(seconds)

    def _ask(self, question: Mapping[str, str], give_up_at: float) -> Page:
        query = urlencode({"access_key": self._key, **question})
        request = Request(f"{self._base_url}/flights?{query}", headers={"Accept": "application/json"})  # noqa: S310
        failure: SemaforoError
        try:
            with self._opener.open(request, timeout=self._timeout_seconds) as answer:
                wait = answer.headers.get("Retry-After") or ""
                body = self._body(answer, give_up_at)
                return read_page(answer.status, body, float(wait) if wait.isdecimal() else 0.0)
        except SemaforoError as error:
            error.args = tuple(self._silent(str(each)) for each in error.args)
            failure = error
        except (OSError, HTTPException, ValueError) as error:
            failure = TryAgain(self._silent(f"{type(error).__name__}: {error}"))
        # Out here it has no context: what the transport raised may hold the URL.
        raise failure

    def _body(self, answer: Any, give_up_at: float) -> bytes:
        """All of it, though it come drop by drop; a timeout of the socket is only for the next drop."""
        slowest = min(give_up_at, self._clock() + self._timeout_seconds)
        body = bytearray()
        while chunk := answer.read1(_CHUNK):
            body += chunk
            if self._clock() > slowest:
                raise TryAgain(f"only {len(body)} bytes of the answer in {self._timeout_seconds:g} s")
            if len(body) > LARGEST_BODY:
                raise AskedInVain(f"an answer of more than {LARGEST_BODY:,} bytes")
        return bytes(body)

    def _silent(self, text: str) -> str:
        """Without the key, as it is and as a query writes it."""
        for secret in {self._key, quote(self._key), quote(self._key, safe="")}:
            text = text.replace(secret, "***")
        return text
