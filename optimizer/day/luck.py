"""One uniform number for each flight, purpose and sample, whatever else is simulated beside it.

So an action and its baseline share all luck but where they differ, and their difference has little noise.
"""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.flights import Floats

Words = NDArray[np.uint64]
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)


def word(seed: int, name: str) -> int:
    """64 bits that stand for a name."""
    return int.from_bytes(hashlib.blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "little")


def uniform(words: Words, samples: int) -> Floats:
    """`[word, sample]`, each in [0, 1): SplitMix64 (Steele, Lea and Flood 2014) of the word and the sample's number."""
    with np.errstate(over="ignore"):
        z = words[:, None] + (np.arange(samples, dtype=np.uint64) + np.uint64(1)) * _STEP
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    found: Floats = (z >> np.uint64(11)).astype(np.float64) / 2**53
    return found
