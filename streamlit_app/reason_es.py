"""Why a light is what it is, in Spanish: the closed set of sentences that `rules/reason.py` says, put into other words.

The log keeps a reason as it was said when the light changed, in English; what no sentence here matches stays so.
"""

import re
from collections.abc import Callable
from typing import Final

from alerts.messages import WORDS

COUNTED: Final = {
    "flights": "vuelos", "departures": "salidas", "arrivals": "llegadas", "operated": "vuelos operados",
    "connecting": "pasajeros en conexión", "responses": "respuestas", "nps_responses": "respuestas",
    "turnarounds": "escalas", "seats": "asientos", "passengers": "pasajeros",
}  # fmt: skip
_SEASONS: Final = {"spring": "primavera", "summer": "verano", "autumn": "otoño", "winter": "invierno"}


def _counted(found: re.Match[str]) -> str:
    return COUNTED.get(found[0], found[0])


def _season(found: re.Match[str]) -> str:
    return _SEASONS[found[0]]


def _light(found: re.Match[str]) -> str:
    return WORDS["es"].get(found[0], found[0])


Words = str | Callable[[re.Match[str]], str]
_SENTENCES: Final[tuple[tuple[re.Pattern[str], Words], ...]] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"^amended, revision (\d+): ", r"corregido, revisión \1: "),
        (r"too little evidence: nothing to divide by", "muy poca evidencia: nada entre qué dividir"),
        (r"too little evidence: (\S+) (\w+), the rule asks for ", r"muy poca evidencia: \1 \2, la regla pide "),
        (r"stale evidence: (\S+) old, the rule accepts ", r"evidencia vieja: de hace \1, la regla acepta "),
        (r"inconsistent evidence: (\S+) of ", r"evidencia que no cuadra: \1 de "),
        (r"inconsistent evidence: (\S+ \w+), denominator ", r"evidencia que no cuadra: \1, denominador "),
        (r"^no (.+?) in the window", r"nada de \1 en la ventana"),
        (r"no value from ", "sin valor de "),
        (r"(\d+) of its own (\d+) flights of (\S+) h on time", r"\1 de sus \2 vuelos de \3 h a tiempo"),
        (r"none closed in ", "ninguno cerrado en "),
        (r"(\d[\d,]*) of (\d[\d,]*) in (\S+ h)", r"\1 de \2 en \3"),
        (r": risk ", ": riesgo "),
        (r"(\d[\d,]*) of (\d[\d,]*) = ", r"\1 de \2 = "),
        (r" over (\d)", r" en \1"),
        (r"at most (\S+ .+?) at (\S+) %", r"a lo más \1 al \2 %"),
        (r"at least (\S+ .+?) at (\S+) %", r"al menos \1 al \2 %"),
        (r"worse than amber (\S+), but chance could explain it", r"peor que el ámbar \1, pero pudo ser el azar"),
        (r"not beyond amber ", "no rebasa el ámbar "),
        (r"beyond red ", "rebasa el rojo "),
        (r"beyond amber ", "rebasa el ámbar "),
        (r"not back past ", "aún no vuelve de "),
        (r"back past ", "ya volvió de "),
        (r"\(thresholds for ", "(umbrales para "),
        (r"\bairport (?=[A-Z]{3}\b)", "aeropuerto "),
        (r"(\d+) to (\d+) km", r"\1 a \2 km"),
        (rf"\b(?:{'|'.join(_SEASONS)})\b", _season),
        (r" pending for (\S+) of ", r" pendiente desde hace \1 de "),
        (
            r" waits for the dwell: the last change was (\S+) ago",
            r" espera por el cambio anterior, de hace \1",
        ),
        (r"\b(?:GREEN|AMBER|RED|GREY)\b", _light),
        (rf"\b(?:{'|'.join(COUNTED)})\b", _counted),
    )
)


def reason_es(reason: str) -> str:
    """For example "4 de 11 = 36.4 %, a lo más 56.2 % al 90 %: rebasa el rojo 70; ROJO pendiente desde hace 10m"."""
    for sentence, words in _SENTENCES:
        reason = sentence.sub(words, reason)
    return reason
