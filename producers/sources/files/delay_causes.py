"""Delay causes: IATA delay codes (AHM 730, two digits) and words to the five groups that are counted.

Reactionary codes other than 93 (load, crew, operations control) stay with the carrier, as BTS counts them: only a late
aircraft is a late aircraft.
"""

import re
from typing import Final

from producers.sources.files.words import plain

GROUPS: Final = ("carrier", "weather", "airspace", "security", "late_aircraft")
# First and last code of a range, and its group.
IATA_RANGES: Final[tuple[tuple[int, int, str], ...]] = (
    (0, 9, "carrier"),  # the airline's own codes
    (11, 18, "carrier"),  # passengers and baggage
    (21, 29, "carrier"),  # cargo and mail
    (31, 39, "carrier"),  # handling
    (41, 48, "carrier"),  # technical
    (51, 58, "carrier"),  # damage, automation
    (61, 69, "carrier"),  # flight operations, crew
    (71, 77, "weather"),
    (81, 84, "airspace"),  # air traffic flow management
    (85, 85, "security"),  # mandatory security
    (86, 89, "airspace"),  # immigration and customs, airport facilities and restrictions
    (91, 92, "carrier"),  # load connection, through check-in error
    (93, 93, "late_aircraft"),  # aircraft rotation
    (94, 97, "carrier"),  # crew rotation, operations control, own industrial action
    (98, 98, "airspace"),  # industrial action of others
    (99, 99, "carrier"),  # none of the above
)
WORDS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("aerolinea", "operacional", "tecnico", "mantenimiento", "tripulacion", "operaciones", "rampa", "carrier"),
        "carrier",
    ),
    **dict.fromkeys(("clima", "meteorologia", "meteorologico", "tormenta", "niebla", "weather"), "weather"),
    **dict.fromkeys(
        ("espacio aereo", "control de trafico aereo", "trafico aereo", "atc", "aeropuerto", "nas", "airspace"),
        "airspace",
    ),
    **dict.fromkeys(("seguridad", "security"), "security"),
    **dict.fromkeys(
        ("aeronave tardia", "aeronave previa", "rotacion", "llegada tardia", "late aircraft"), "late_aircraft"
    ),
}


def cause_group(text: str) -> str:
    """The group of a code ("93", "93A") or a word. Raises ValueError."""
    code = re.fullmatch(r"(\d{2})[A-Za-z]?", text.strip())
    if code:
        for first, last, group in IATA_RANGES:
            if first <= int(code[1]) <= last:
                return group
        raise ValueError(f"{code[1]} is not an IATA delay code")
    named = WORDS.get(plain(text))
    if named is None:
        raise ValueError(
            "must be an IATA delay code of 2 digits or one of aerolínea, clima, espacio aéreo, seguridad, rotación"
        )
    return named


def delay_minutes_by_group(text: str, delay_minutes: int) -> dict[str, int]:
    """Minutes by group: one cause takes them all; "93:20|81:15" splits them, and must add up. Raises ValueError."""
    parts = [part.strip() for part in re.split(r"[|+/]", text)]
    if len(parts) == 1 and ":" not in text:
        return {cause_group(text): delay_minutes}
    minutes: dict[str, int] = {}
    for part in parts:
        cause, _, count = part.rpartition(":")
        if not re.fullmatch(r"\d{1,4}", count.strip()):
            raise ValueError('several causes are written with their minutes, "93:20|81:15"')
        group = cause_group(cause)
        minutes[group] = minutes.get(group, 0) + int(count)
    if sum(minutes.values()) != delay_minutes:
        raise ValueError(f"its minutes add up to {sum(minutes.values())}, the delay is {delay_minutes}")
    return minutes
