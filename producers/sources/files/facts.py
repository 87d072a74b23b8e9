"""One line becomes events: the flight's state, its money, its delay, turnaround, connections, an answer, the weather.

When a fact became known (`event_at`), from the line alone, so that the same file always gives the same events:
`conocido_en` if given; else for SCHEDULED 24 h before the scheduled departure, DEPARTED the actual departure, ARRIVED
the actual arrival, CANCELLED the scheduled departure, DIVERTED the scheduled arrival but not before its departure.
Money, delay, connections and answers are known with the line's last instant, turnaround and weather with its departure.
A line that arrived also says when it departed; a line of its own that says so takes precedence.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN
from typing import Any, Final

import msgspec

from producers.fuel import fuel_types, reference_fuel_kg
from producers.sources.files.amounts import minor_units
from producers.sources.files.delay_causes import delay_minutes_by_group
from producers.sources.files.fields import FIELDS
from producers.sources.files.instants import Times
from producers.sources.files.line import MINUTE, Defaults, Line, LineError
from schemas.events import (
    USD_PPM,
    AirportWeather,
    Event,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
    OperationKind,
    PassengerFeedback,
)

SCHEDULED_LEAD: Final = timedelta(hours=24)
MONEY: Final = tuple(field for field in FIELDS if field.becomes.endswith("_minor"))
WEATHER: Final = ("temperatura", "visibilidad", "viento", "rafagas", "direccion_viento", "precipitacion", "presion")
BECOMES: Final = {field.name: field.becomes for field in FIELDS}

STATED: Final = 0  # the line's own estado
IMPLIED: Final = 1  # follows from it: what arrived had departed
INFERRED: Final = 2  # there is no estado; the times say as much


class Made(msgspec.Struct, frozen=True):
    """An event of a line. Where lines say the same, the lowest `rank` counts: STATED, IMPLIED or INFERRED."""

    event: Event
    rank: int = 0


def events_of(row: Mapping[str, Any], occurrence: int, digest: str, defaults: Defaults) -> list[Made]:
    """The events of one converted row. `digest` and `occurrence` tell answers apart that have no id of their own.

    Raises LineError.
    """
    line = Line(row, defaults)
    try:
        made = [
            *_status(line),
            *_finance(line),
            *_operations(line),
            *_feedback(line, f"{digest}-{occurrence}"),
            *_weather(line),
        ]
    except LineError:
        raise
    except ValueError as error:  # what the record itself refuses
        raise LineError("", str(error)) from error
    if not made:
        raise LineError("", "says nothing: neither times nor amounts, minutes, answers or weather")
    return made


def _status(line: Line) -> Iterator[Made]:
    times, row, state = line.times, line.row, line.state
    if state is None:
        return
    if times.scheduled_departure_at is None or times.scheduled_arrival_at is None:
        missing = "hora_salida_programada" if times.scheduled_departure_at is None else "hora_llegada_programada"
        raise LineError(missing, f"is missing, and estado is {state.lower()}")
    if state in (FlightState.DEPARTED, FlightState.ARRIVED) and times.actual_departure_at is None:
        raise LineError("hora_salida_real", f"is missing, and estado is {state.lower()}")
    if state is FlightState.ARRIVED and times.actual_arrival_at is None:
        raise LineError("hora_llegada_real", "is missing, and estado is arrived")
    if row.get("pasajeros", 0) > row.get("asientos", 0):
        raise LineError("pasajeros", f"exceed asientos {row.get('asientos', 'which is missing')}")
    common = {
        "scheduled_departure_at": times.scheduled_departure_at,
        "scheduled_arrival_at": times.scheduled_arrival_at,
        "tail": row.get("matricula"),
        "aircraft_type": row.get("tipo_avion"),
        "seats": row.get("asientos", 0),
        "distance_km": line.distance_km,
    }
    rank = STATED if "estado" in row else INFERRED
    flew = state in (FlightState.DEPARTED, FlightState.ARRIVED, FlightState.DIVERTED)
    traffic = {"passengers": row.get("pasajeros", 0), "cargo_kg": row.get("carga_kg", 0)}
    if flew and times.actual_departure_at is not None:
        yield Made(
            FlightStatus(
                **line.header("departed", times.actual_departure_at),
                **common,
                **traffic,
                state=FlightState.DEPARTED,
                actual_departure_at=times.actual_departure_at,
            ),
            rank if state is FlightState.DEPARTED else max(rank, IMPLIED),
        )
    if state is FlightState.DEPARTED:
        return
    yield Made(
        FlightStatus(
            **line.header(
                state.lower(), _known_at(state, times, times.scheduled_departure_at, times.scheduled_arrival_at)
            ),
            **common,
            **(traffic if flew else {}),
            state=state,
            actual_departure_at=times.actual_departure_at if flew else None,
            actual_arrival_at=times.actual_arrival_at if state is FlightState.ARRIVED else None,
        ),
        rank,
    )


def _known_at(state: FlightState, times: Times, departs_at: datetime, arrives_at: datetime) -> datetime:
    if state is FlightState.SCHEDULED:
        return departs_at - SCHEDULED_LEAD
    if state is FlightState.CANCELLED:
        return departs_at
    if state is FlightState.DIVERTED:
        return max(arrives_at, times.actual_departure_at or arrives_at)
    return times.actual_arrival_at or arrives_at


def _finance(line: Line) -> Iterator[Made]:
    row = line.row
    present = [field for field in MONEY if field.name in row]
    if not present and "combustible_kg" not in row:
        return
    currency = row.get("moneda", line.defaults.currency)
    amounts: dict[str, Any] = {}
    for field in present:
        try:
            amounts[field.becomes] = amounts.get(field.becomes, 0) + minor_units(row[field.name], currency)
        except ValueError as error:
            raise LineError(field.name, str(error)) from error
    fuel_kg = row.get("combustible_kg", 0)
    known_type = fuel_kg and row.get("tipo_avion") in fuel_types()
    yield Made(
        FlightFinance(
            **line.header("finance", line.last_at),
            currency=currency,
            usd_per_unit_ppm=_usd_per_unit_ppm(line, currency),
            fuel_kg=fuel_kg,
            fuel_reference_kg=reference_fuel_kg(row["tipo_avion"], line.distance_km) if known_type else 0,
            **amounts,
        )
    )


def _usd_per_unit_ppm(line: Line, currency: str) -> int:
    if currency == "USD":
        return USD_PPM
    units_per_usd = line.row.get("tipo_cambio", line.defaults.units_per_usd)
    if units_per_usd is None:
        raise LineError("tipo_cambio", f"is missing: how many {currency} is a US$?")
    if currency == "MXN" and units_per_usd < 1:
        raise LineError("tipo_cambio", "is pesos per US$, not US$ per peso")
    return int((USD_PPM / units_per_usd).to_integral_value(ROUND_HALF_EVEN)) or 1


def _operations(line: Line) -> Iterator[Made]:
    row, times = line.row, line.times
    if "causa_retraso" in row:
        delay_minutes = _delay_minutes(line)
        if delay_minutes > 0:
            try:
                by_group = delay_minutes_by_group(row["causa_retraso"], delay_minutes)
            except ValueError as error:
                raise LineError("causa_retraso", str(error)) from error
            fields: dict[str, Any] = {f"{group}_delay_minutes": minutes for group, minutes in by_group.items()}
            header = line.header("delay", line.last_at)
            yield Made(FlightOperation(**header, kind=OperationKind.DELAY, **fields))
    if "minutos_escala" in row:
        at = times.actual_departure_at or line.last_at
        yield Made(
            FlightOperation(
                **line.header("turnaround", at),
                kind=OperationKind.TURNAROUND,
                turnaround_minutes=row["minutos_escala"],
                scheduled_turnaround_minutes=row.get("minutos_escala_programados", 0),
            )
        )
    if "pasajeros_conexion" in row:
        yield Made(
            FlightOperation(
                **line.header("connection", line.last_at),
                kind=OperationKind.CONNECTION,
                connecting=row["pasajeros_conexion"],
                misconnected=row.get("conexiones_perdidas", 0),
            )
        )


def _delay_minutes(line: Line) -> int:
    """Late minutes that the cause explains: as stated, else of the arrival, else of the departure."""
    times = line.times
    if "retraso" in line.row:
        return max(0, int(line.row["retraso"]))
    for actual, scheduled in (
        (times.actual_arrival_at, times.scheduled_arrival_at),
        (times.actual_departure_at, times.scheduled_departure_at),
    ):
        if actual is not None and scheduled is not None:
            return max(0, (actual - scheduled) // MINUTE)
    return 0


def _feedback(line: Line, answer: str) -> Iterator[Made]:
    row = line.row
    if not any(name in row for name in ("satisfaccion", "recomendacion", "queja")):
        return
    if "id_respuesta" in row:
        answer = hashlib.sha256(row["id_respuesta"].encode()).hexdigest()[:16]
    yield Made(
        PassengerFeedback(
            **line.header(f"feedback-{answer}", line.last_at),
            cabin=row.get("clase", "ECONOMY"),
            channel=row.get("canal", "SURVEY"),
            satisfaction=row.get("satisfaccion"),
            complaint=row.get("queja", False),
            recommend=row.get("recomendacion"),
        )
    )


def _weather(line: Line) -> Iterator[Made]:
    row, times = line.row, line.times
    measured = {BECOMES[name]: float(row[name]) for name in WEATHER if name in row}
    if not measured:
        return
    at = times.actual_departure_at or times.scheduled_departure_at
    if at is None:
        raise LineError("hora_salida_programada", "is missing: the weather is that at the departure")
    header = line.header("weather", at)
    yield Made(
        AirportWeather(
            event_id=header["event_id"],
            event_at=header["event_at"],
            source=header["source"],
            airport=line.origin,
            observed_at=at.replace(minute=0, second=0, microsecond=0),
            **measured,
        )
    )
