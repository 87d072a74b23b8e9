"""Keys tell bookings apart and nothing else; without a good key nothing is masked."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from warehouse.booking.access import MissingAccessError, booking_dsn, masking_key
from warehouse.booking.masking import booking_keys, fingerprint

KEY = "0123456789abcdef0123456789abcdef"


def test_a_key_is_the_hmac_of_the_number() -> None:
    """Worked out by the standard library's other door."""
    expected = hmac.new(KEY.encode(), b"booking 7", hashlib.sha256).hexdigest()[:32]
    assert booking_keys([7], KEY.encode()) == [expected]


def test_keys_differ_by_number_and_by_key() -> None:
    ours, others = booking_keys(range(1_000), KEY.encode()), booking_keys(range(1_000), b"another")
    assert len({*ours, *others}) == 2_000
    assert fingerprint(KEY.encode()) != fingerprint(b"another")
    assert not set(ours) & {fingerprint(KEY.encode())}


def test_without_a_key_nothing_is_exported() -> None:
    with pytest.raises(MissingAccessError, match="nothing was exported"):
        masking_key({})
    with pytest.raises(MissingAccessError, match="5 characters, fewer than 32"):
        masking_key({"SEMAFORO_BOOKING_KEY": "short"})
    assert masking_key({"SEMAFORO_BOOKING_KEY": KEY}) == KEY.encode()


def test_without_an_address_it_says_where_one_comes_from() -> None:
    with pytest.raises(MissingAccessError, match="local up --postgres"):
        booking_dsn({})
