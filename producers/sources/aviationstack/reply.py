"""The body of an answer: a page of flights, or an error in one of the two forms AviationStack has had.

A flight stays raw until it is read by itself, so that one that is not of the documented shape spoils no other.
"""

from typing import Final

import msgspec

from producers.sources.aviationstack.errors import AskedInVain, KeyRefused, QuotaReached, TryAgain

_KEY_REFUSED: Final = frozenset({"invalid_access_key", "missing_access_key", "inactive_user", "101", "102"})
_QUOTA: Final = frozenset({"usage_limit_reached", "104"})
_BUSY: Final = frozenset({"rate_limit_reached", "internal_error", "106"})
_TOO_MANY: Final = 429
_SERVER_FAULT: Final = 500


class Pagination(msgspec.Struct, frozen=True):
    """Where a page stands among all flights of the question."""

    offset: int = 0
    total: int = 0


class Page(msgspec.Struct, frozen=True):
    """Flights as they came, in order."""

    pagination: Pagination
    data: list[msgspec.Raw]


class _Error(msgspec.Struct, frozen=True):
    """`code` and `message`; before 2021 a number with `type` and `info`."""

    code: int | str = ""
    message: str = ""
    type: str = ""
    info: str = ""


class _Failure(msgspec.Struct, frozen=True):
    error: _Error


def read_page(status: int, body: bytes, retry_after_seconds: float = 0.0) -> Page:
    """The page of an answer. Raises TryAgain, QuotaReached, KeyRefused or AskedInVain."""
    try:
        failure = msgspec.json.decode(body, type=_Failure)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    else:
        raise _raised(status, failure.error, retry_after_seconds)
    if status == _TOO_MANY or status >= _SERVER_FAULT:
        raise TryAgain(f"HTTP {status}", retry_after_seconds)
    if not 200 <= status < 300:
        raise AskedInVain(f"HTTP {status} without a reason")
    try:
        return msgspec.json.decode(body, type=Page)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise TryAgain(f"not a page of flights: {error}") from None


def _raised(status: int, error: _Error, retry_after_seconds: float) -> Exception:
    code = str(error.code)
    names = {code, error.type}
    text = f"{' '.join(name for name in (code, error.type) if name)}: {error.message or error.info}".rstrip(": ")
    if names & _KEY_REFUSED:
        return KeyRefused(text)
    if names & _QUOTA:  # comes as 429 too, and trying again would not help before the month is over
        return QuotaReached(f"AviationStack says {text}")
    if names & _BUSY or status == _TOO_MANY or status >= _SERVER_FAULT:
        return TryAgain(text, retry_after_seconds)
    return AskedInVain(text)
