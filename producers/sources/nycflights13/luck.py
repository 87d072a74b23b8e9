"""Chance that depends only on the seed and on what it is for: the same flight is the same in any date range."""

from hashlib import blake2b
from statistics import NormalDist
from typing import Final

import msgspec

_STANDARD: Final = NormalDist()


class Luck(msgspec.Struct, frozen=True):
    """Independent standard normal draws (`z_`) of one thing."""

    z_load: float
    z_fare: float
    z_ancillary: float
    z_fuel: float
    z_cargo: float


def luck(seed: int, *key: str) -> Luck:
    """The luck of one thing, such as luck(7, "flight", flight_id)."""
    digest = blake2b("\x1f".join((str(seed), *key)).encode(), digest_size=40).digest()
    # The middle of 2**64 cells: never 0 or 1, where the normal has no finite value.
    uniforms = ((int.from_bytes(digest[i : i + 8]) + 0.5) / 2**64 for i in range(0, 40, 8))
    return Luck(*(_STANDARD.inv_cdf(min(u, 1 - 2**-53)) for u in uniforms))
