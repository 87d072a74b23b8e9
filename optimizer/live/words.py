"""What actions are called, in English and Spanish: `{}` are their flights."""

from collections.abc import Sequence
from typing import Final

WORDS: Final = {
    "swap_tails": ("swap the tails of {}", "intercambiar las aeronaves de {}"),
    "swap_gauge": (
        "swap the aircraft, of different types, of {}",
        "intercambiar las aeronaves, de distinto tipo, de {}",
    ),
    "cancel": ("cancel {}", "cancelar {}"),
    "suspend": ("suspend {}", "suspender {}"),
    "reroute": (
        "re-route three aircraft, each flight with that of the next, the last with that of the first: {}",
        "rotar tres aeronaves, cada vuelo con la del siguiente y el último con la del primero: {}",
    ),
}


def words(kind: str, flights: Sequence[str]) -> tuple[str, str]:
    """In both languages."""
    english, spanish = WORDS[kind]
    return english.format(_listed(flights, "and")), spanish.format(_listed(flights, "y"))


def _listed(flights: Sequence[str], conjunction: str) -> str:
    """ "A, B and C"."""
    return f" {conjunction} ".join([*([", ".join(flights[:-1])] if len(flights) > 1 else []), flights[-1]])
