"""The one mapping: what a column is called in Aeroméxico's files, what it becomes, its unit and its converter.

Names are compared without accents, case and punctuation, so "Número de vuelo" is numero_de_vuelo. A further name of a
column is one more entry in `aliases`; a new column is one more Field.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final

import msgspec

from producers.sources.files.amounts import decimal_number, money, thousands_number, whole_number
from producers.sources.files.words import (
    aircraft_type,
    airport_code,
    cabin,
    carrier_code,
    channel,
    currency_code,
    flight_number,
    flight_state,
    known_at,
    local_date,
    truth,
    wall_time,
    word,
)


class Field(msgspec.Struct, frozen=True):
    """One column. `becomes` names the event fields; `convert` takes the text and raises ValueError with the reason."""

    name: str
    becomes: str
    unit: str
    convert: Callable[[str], Any]
    aliases: tuple[str, ...] = ()


FIELDS: Final[tuple[Field, ...]] = (
    # the flight
    Field("origen", "origin", "IATA airport", airport_code, ("origin", "aeropuerto_origen")),
    Field("destino", "destination", "IATA airport", airport_code, ("destination", "aeropuerto_destino")),
    Field("numero_vuelo", "number (and carrier: AM123)", "–", flight_number, ("numero_de_vuelo", "vuelo", "no_vuelo")),
    Field("aerolinea", "carrier", "IATA code or name", carrier_code, ("carrier", "linea_aerea")),
    Field("fecha", "date in flight_id", "local date at origen", local_date, ("fecha_vuelo", "fecha_salida")),
    Field("estado", "FlightStatus.state", "–", flight_state, ("estatus", "estado_vuelo", "status")),
    Field(
        "hora_salida_programada", "scheduled_departure_at", "local time at origen", wall_time, ("salida_programada",)
    ),
    Field(
        "hora_llegada_programada", "scheduled_arrival_at", "local time at destino", wall_time, ("llegada_programada",)
    ),
    Field("hora_salida_real", "actual_departure_at", "local time at origen", wall_time, ("salida_real",)),
    Field("hora_llegada_real", "actual_arrival_at", "local time at destino", wall_time, ("llegada_real",)),
    Field("conocido_en", "event_at", "ISO instant with offset", known_at, ("conocido", "event_at")),
    Field(
        "retraso", "actual times, DELAY minutes", "minutes", whole_number(-1440, 10_080), ("retraso_minutos", "demora")
    ),
    Field("causa_retraso", "*_delay_minutes", "IATA code or group", word, ("causa_demora", "codigo_retraso")),
    # aircraft and traffic
    Field("matricula", "tail", "–", word, ("tail",)),
    Field("tipo_avion", "aircraft_type", "ICAO designator or name", aircraft_type, ("tipo_aeronave", "equipo")),
    Field("asientos", "seats", "seats", whole_number(0, 1000), ("capacidad",)),
    Field("pasajeros", "passengers", "passengers", whole_number(0, 1000), ("pax",)),
    Field("carga_kg", "cargo_kg", "kg", thousands_number(0, 200_000), ("carga",)),
    Field("distancia_km", "distance_km", "km; great circle if absent", thousands_number(1, 21_000), ("distancia",)),
    # money: exact, never through a float
    Field("moneda", "currency", "ISO 4217", currency_code, ("divisa",)),
    Field(
        "tipo_cambio", "usd_per_unit_ppm", "units of moneda per US$", decimal_number(0.000001, 1e7), ("tipo_de_cambio",)
    ),
    Field(
        *("ingresos_boletos_economicos", "ticket_revenue_minor", "moneda", money),
        ("ingresos_boletos_economica", "ingresos_boletos"),
    ),
    Field("ingresos_boletos_premier", "ticket_revenue_minor", "moneda", money),
    Field("ingresos_boletos_ejecutivos", "ticket_revenue_minor", "moneda", money, ("ingresos_boletos_ejecutiva",)),
    Field("ingresos_adicionales", "ancillary_revenue_minor", "moneda", money, ("ingresos_auxiliares",)),
    Field("ingresos_carga", "cargo_revenue_minor", "moneda", money),
    Field("costo_combustible_por_vuelo", "fuel_cost_minor", "moneda", money, ("costo_combustible",)),
    Field("costo_tripulacion", "crew_cost_minor", "moneda", money, ("costo_tripulacion_por_vuelo",)),
    Field("costo_mantenimiento", "maintenance_cost_minor", "moneda", money, ("costo_mantenimiento_por_vuelo",)),
    Field("costo_aeropuerto", "airport_cost_minor", "moneda", money, ("costos_aeropuerto",)),
    Field("tasas_aeropuerto", "airport_cost_minor", "moneda", money, ("tasas_aeroportuarias",)),
    Field("compensaciones", "compensation_exposure_minor", "moneda", money, ("compensacion",)),
    Field(
        "combustible_kg", "fuel_kg, fuel_reference_kg", "kg", thousands_number(0, 400_000), ("consumo_combustible_kg",)
    ),
    # turnaround and connections
    Field("minutos_escala", "turnaround_minutes", "minutes", whole_number(0, 2880), ("tiempo_escala",)),
    Field("minutos_escala_programados", "scheduled_turnaround_minutes", "minutes", whole_number(0, 2880)),
    Field("pasajeros_conexion", "connecting", "passengers", whole_number(0, 1000)),
    Field("conexiones_perdidas", "misconnected", "passengers", whole_number(0, 1000)),
    # what passengers say
    Field("satisfaccion", "satisfaction", "1 to 5", whole_number(1, 5), ("calificacion",)),
    Field("recomendacion", "recommend", "0 to 10", whole_number(0, 10), ("nps",)),
    Field("queja", "complaint", "sí or no", truth, ("reclamo",)),
    Field("clase", "cabin", "–", cabin, ("cabina",)),
    Field("canal", "channel", "–", channel, ("canal_encuesta",)),
    Field("id_respuesta", "event_id of the answer", "–", word),
    # weather at origen, at departure
    Field("temperatura", "temperature_c", "°C", decimal_number(-90, 60), ("temperatura_c",)),
    Field("visibilidad", "visibility_km", "km", decimal_number(0, 200), ("visibilidad_km",)),
    Field("viento", "wind_kt", "kt", decimal_number(0, 250), ("viento_kt", "viento_nudos")),
    Field("rafagas", "gust_kt", "kt", decimal_number(0, 300), ("rafaga",)),
    Field("direccion_viento", "wind_direction_deg", "degrees", decimal_number(0, 360)),
    Field("precipitacion", "precipitation_mm", "mm", decimal_number(0, 1000), ("precipitacion_mm", "lluvia")),
    Field("presion", "pressure_hpa", "hPa", decimal_number(800, 1100), ("presion_hpa",)),
)


def plain_name(name: str) -> str:
    """A column name without accents, case and punctuation."""
    letters = unicodedata.normalize("NFKD", name.strip().removeprefix("\ufeff"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter)).lower()
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


BY_NAME: Final[dict[str, Field]] = {name: field for field in FIELDS for name in (field.name, *field.aliases)}


def known_names() -> str:
    """The columns that can be read, for messages."""
    return ", ".join(field.name for field in FIELDS)
