"""The words in the files: states, carriers, aircraft, cabins, channels, dates and times of day."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeVar

import msgspec

from producers.airports import airport
from schemas.events import FlightState

MAX_WORD: Final = 64
FIRST_YEAR, LAST_YEAR = 1990, 2099

STATES: Final[dict[str, FlightState]] = {
    **dict.fromkeys(("programado", "scheduled", "a tiempo", "demorado", "retrasado"), FlightState.SCHEDULED),
    **dict.fromkeys(("salio", "despego", "en vuelo", "departed"), FlightState.DEPARTED),
    **dict.fromkeys(("llego", "aterrizo", "arribo", "arrived"), FlightState.ARRIVED),
    **dict.fromkeys(("cancelado", "cancelled", "canceled"), FlightState.CANCELLED),
    **dict.fromkeys(("desviado", "diverted"), FlightState.DIVERTED),
}
CARRIERS: Final = {
    "aeromexico": "AM",
    "aeromexico connect": "5D",
    "volaris": "Y4",
    "viva": "VB",
    "viva aerobus": "VB",
    "vivaaerobus": "VB",
    "delta": "DL",
}
AIRCRAFT: Final = {
    **dict.fromkeys(("737 800", "b737 800", "boeing 737 800"), "B738"),
    **dict.fromkeys(("737 700", "b737 700", "boeing 737 700"), "B737"),
    **dict.fromkeys(("737 max 8", "737 8", "b737 8", "b737 max 8", "boeing 737 max 8", "boeing 737 8"), "B38M"),
    **dict.fromkeys(("737 max 9", "737 9", "b737 9", "b737 max 9", "boeing 737 max 9", "boeing 737 9"), "B39M"),
    **dict.fromkeys(("787 8", "b787 8", "boeing 787 8"), "B788"),
    **dict.fromkeys(("787 9", "b787 9", "boeing 787 9"), "B789"),
    **dict.fromkeys(("190", "embraer 190", "erj 190", "emb 190"), "E190"),
    **dict.fromkeys(("170", "embraer 170", "erj 170", "emb 170"), "E170"),
    **dict.fromkeys(("a320neo", "a320 neo", "airbus a320neo"), "A20N"),
    **dict.fromkeys(("a321neo", "a321 neo", "airbus a321neo"), "A21N"),
    **dict.fromkeys(("airbus a320",), "A320"),
}
CABINS: Final = {
    **dict.fromkeys(("economica", "economy", "turista", "clasica", "y"), "ECONOMY"),
    **dict.fromkeys(("premier", "ejecutiva", "business", "primera", "am plus", "j"), "PREMIER"),
}
CHANNELS: Final = {
    **dict.fromkeys(("encuesta", "survey", "correo", "email"), "SURVEY"),
    **dict.fromkeys(("app", "aplicacion", "movil"), "APP"),
    **dict.fromkeys(("kiosco", "quiosco", "kiosk"), "KIOSK"),
    **dict.fromkeys(("telefono", "call center", "centro de llamadas"), "CALL_CENTER"),
    **dict.fromkeys(("web", "sitio web", "pagina"), "WEB"),
}
_TRUE: Final = frozenset({"si", "s", "1", "true", "verdadero", "x", "yes", "y"})
_FALSE: Final = frozenset({"no", "n", "0", "false", "falso"})
_TIME: Final = re.compile(
    r"(?:(?P<day>\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})(?:[Tt]|\s+))?"
    r"(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?\s?[Mm]\.?)?(?:\s*(?P<offset>[Zz]|[+-]\d{2}:?\d{2}))?"
)
Value = TypeVar("Value")


class WallTime(msgspec.Struct, frozen=True):
    """A time as written: an `instant` if it carried an offset, else local, on `day` if it carried a date."""

    local: time | None = None
    day: date | None = None
    instant: datetime | None = None


def plain(text: str) -> str:
    """Without accents, case and punctuation, single spaces."""
    letters = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()


def word(text: str) -> str:
    """Any short text."""
    if len(text) > MAX_WORD or not text.isprintable():
        raise ValueError(f"must be at most {MAX_WORD} printable characters")
    return text


def airport_code(text: str) -> str:
    """An IATA code that exists."""
    code = text.upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError("must be an IATA airport code of 3 letters")
    airport(code)
    return code


def carrier_code(text: str) -> str:
    """An IATA code of 2 characters, from itself or the name."""
    if re.fullmatch(r"[A-Za-z0-9]{2}", text):
        return text.upper()
    if (code := CARRIERS.get(plain(text))) is None:
        raise ValueError(f"must be an IATA code of 2 characters or one of {', '.join(sorted(CARRIERS))}")
    return code


def flight_number(text: str) -> tuple[str | None, str]:
    """Carrier if written ("AM123", "AM 0123"), and the number without leading zeros."""
    match = re.fullmatch(r"(?:([A-Z][A-Z0-9]|[0-9][A-Z])[\s-]*)?(\d{1,4})([A-Z]?)", text.upper())
    if match is None or int(match[2]) == 0:
        raise ValueError("must be a number of up to 4 digits, with or without the carrier before it")
    return match[1], str(int(match[2])) + match[3]


def flight_state(text: str) -> FlightState:
    """programado, salió, llegó, cancelado or desviado."""
    return _one_of(STATES, text, "programado, salió, llegó, cancelado, desviado")


def aircraft_type(text: str) -> str:
    """An ICAO designator."""
    known = AIRCRAFT.get(plain(text))
    if known is None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{1,3}", text):
        raise ValueError("must be an ICAO designator such as B738")
    return known or text.upper()


def currency_code(text: str) -> str:
    """An ISO 4217 code; pesos and dólares are MXN and USD."""
    named = {"pesos": "MXN", "peso": "MXN", "dolares": "USD", "dolar": "USD"}.get(plain(text), text.upper())
    if not re.fullmatch(r"[A-Z]{3}", named):
        raise ValueError("must be an ISO 4217 code of 3 letters")
    return named


def cabin(text: str) -> str:
    """ECONOMY or PREMIER."""
    return _one_of(CABINS, text, "económica, premier, ejecutiva")


def channel(text: str) -> str:
    """One of CHANNELS."""
    return _one_of(CHANNELS, text, "encuesta, app, kiosco, teléfono, web")


def truth(text: str) -> bool:
    """Sí or no."""
    if plain(text) in _TRUE:
        return True
    if plain(text) in _FALSE:
        return False
    raise ValueError("must be sí or no")


def local_date(text: str) -> date:
    """YYYY-MM-DD, or day first: DD/MM/YYYY, DD-MM-YYYY, DD.MM.YYYY."""
    year_first = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00)?)?", text)
    day_first = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text)
    if year_first:
        year, month, day = (int(part) for part in year_first.groups())
    elif day_first:
        day, month, year = (int(part) for part in day_first.groups())
    else:
        raise ValueError("must be a date, YYYY-MM-DD or DD/MM/YYYY")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return date(year, month, day)


def wall_time(text: str) -> WallTime:
    """HH:MM, HHMM or "2:30 p. m.", with or without a date before it; with a date and an offset it is an instant."""
    match = _TIME.fullmatch(text) if text.isascii() else None
    if match is None:
        raise ValueError("must be a time of day, HH:MM")
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("must be a time of day, with 1 to 12 before a.m. or p.m.")
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    day = local_date(match["day"]) if match["day"] else None
    if (hour, minute, second) == (24, 0, 0):  # the end of the day, as 2400 in US data
        hour, day = 0, day + timedelta(days=1) if day else None
    try:
        clock = time(hour, minute, second)
    except ValueError:
        raise ValueError("must be a time of day, 00:00 to 24:00") from None
    if not match["offset"]:
        return WallTime(local=clock, day=day)
    if day is None:
        raise ValueError("carries an offset, so it needs its date as well")
    return WallTime(instant=known_at(f"{day.isoformat()}T{clock.isoformat()}{match['offset']}"))


def known_at(text: str) -> datetime:
    """An ISO instant with its offset, to UTC and whole milliseconds."""
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError("must be an ISO instant, such as 2026-03-02T14:05:00-06:00") from None
    if instant.tzinfo is None:
        raise ValueError("must carry its offset, such as -06:00 or Z")
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise ValueError(f"the year must lie between {FIRST_YEAR} and {LAST_YEAR}")
    instant = instant.astimezone(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _one_of(table: dict[str, Value], text: str, names: str) -> Value:
    if (value := table.get(plain(text))) is None:
        raise ValueError(f"must be one of {names}")
    return value
