"""Numbers of bookings as keyed hashes: the same booking has the same key, and nobody gets from it to the booking."""

import hmac
from collections.abc import Iterable
from typing import Final

_HASH: Final = "sha256"
_LETTERS: Final = 32
"""128 bits: among a thousand million bookings two share a key once in 10^21."""


def booking_keys(booking_ids: Iterable[int], key: bytes) -> list[str]:
    """Their masked keys, in order."""
    return [hmac.digest(key, b"booking %d" % number, _HASH).hex()[:_LETTERS] for number in booking_ids]


def fingerprint(key: bytes) -> str:
    """Tells keys apart without giving them away."""
    return hmac.digest(key, b"fingerprint", _HASH).hex()[:16]
