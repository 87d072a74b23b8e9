"""Chance, one independent stream per thing: an injected incident then leaves the luck of every other flight as it was.

(Common random numbers.) The stream depends on the seed and on what the noise is for, never on the order of drawing.
"""

import hashlib
from functools import lru_cache

import msgspec
import numpy as np

UNIFORMS = 8
NORMALS = 8


def stream(seed: int, *key: object) -> np.random.Generator:
    """The generator of one thing, such as stream(7, "flight", flight_id)."""
    name = "\x1f".join(str(part) for part in (seed, *key)).encode()
    return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.blake2b(name, digest_size=16).digest())))


class FlightNoise(msgspec.Struct, frozen=True):
    """Everything that is luck about one flight, drawn at once whether used or not.

    Names starting with `u_` are uniform in [0, 1), with `z_` standard normal.
    """

    u_is_delayed: float
    u_delay_size: float
    u_delay_cause: float
    u_cancelled: float
    u_patience: float
    u_holding: float
    u_early: float
    u_cancel_notice: float
    z_block: float
    z_fuel: float
    z_demand: float
    z_fare: float
    z_crew: float
    z_maintenance: float
    z_cargo: float
    z_ancillary: float


@lru_cache(maxsize=4096)  # asked for when it flies, and for its events up to a day or two later
def flight_noise(seed: int, flight_id: str) -> FlightNoise:
    """The luck of one flight."""
    generator = stream(seed, "flight", flight_id)
    return FlightNoise(*generator.random(UNIFORMS).tolist(), *generator.standard_normal(NORMALS).tolist())
