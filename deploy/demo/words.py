"""What the demo says, in English and in Spanish as Mexican airlines speak it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple

from schemas.kpis import Kpi
from schemas.lights import Light

Language = Literal["en", "es"]


def language_of(said: str) -> Language:
    """From "es", or what a system says of itself: `LANGUAGE` is also gettext's, as in "es_MX:es" and "en_US:en"."""
    return "es" if said[:2].lower() == "es" else "en"


class Words(NamedTuple):
    """Every text of the demo in one language; those with braces are filled in."""

    language: Language
    lights: Mapping[Light, str]
    modelled: str
    no_value: str
    counted: str
    bounds: str
    opening: str
    sources: Mapping[str, str]
    incident: str
    effect: str
    injected: str
    parts: Mapping[str, str]
    another_is_up: str
    starting: str
    worst_routes: str
    columns: tuple[str, str, str, str, str]
    run: str
    figures: Mapping[str, str]
    stays_up: str
    broken: str
    kept: str
    promises: Mapping[str, str]
    months: tuple[str, ...]

    def title(self, kpi: Kpi) -> str:
        """What people call a KPI."""
        return kpi.title_es if self.language == "es" else kpi.title

    def mark(self, modelled: bool) -> str:
        """What stands behind a number that rests on a model, in whole or in part."""
        return f" ({self.modelled})" if modelled else ""

    def progress(self, line: str) -> str:
        """A line of the stack's progress."""
        for english, ours in self.parts.items():
            line = line.replace(english, ours)
        return line

    def day_and_time(self, at: datetime) -> str:
        """ "08 Feb 20:30Z"."""
        return f"{at:%d} {self.months[at.month - 1]} {at:%H:%M}Z"

    def date_and_time(self, at: datetime | None) -> str:
        """ "08 Feb 2013 20:30Z", for the bar of stream time."""
        return f"{at:%d} {self.months[at.month - 1]} {at:%Y %H:%M}Z" if at else self.starting


ENGLISH: Final = Words(
    language="en",
    lights={light: light.value for light in Light},
    modelled="modelled",
    no_value="no value",
    counted="{met} of {of}",
    bounds="{lower:.1f} to {upper:.1f} at {confidence:.0f}%",
    opening="{source}: {first} to {until} at {speed:g} x, on this machine only",
    sources={},
    incident="with {incident}",
    effect="{incident}: changed {flights} flights on {routes} routes",
    injected="injected: {effect}",
    parts={},
    another_is_up="a stack is up: stopping it, the demo begins with an empty one",
    starting="starting",
    worst_routes="The ten worst routes at the end",
    columns=("route", "lights", "worst KPI", "US$/h", "since"),
    run="The run",
    figures={},
    stays_up="the stack is up: `make app` opens it in a browser, `python -m deploy local down` stops it",
    broken="broken: {promise}",
    kept="all promises kept; {path}",
    promises={
        "flights": "no flights were replayed",
        "data_set": "{flights_replayed} flights replayed, the data set has {flights_in_data_set}",
        "accounted": "{events_published} events published, {accounted} accounted for",
        "lost": "{events_lost} events lost",
        "dead": "{dead_letters} dead letters of a source that sends only good events",
        "late": "{late_events} late events of a source that is in order",
        "rows": "no KPI rows came out",
        "mismatches": "{kpi_mismatches} KPI rows differ from the batch computation",
        "alerts": "no alert was sent",
        "missing": "{missing_alerts} alerts in the log were not received",
        "repeated": "{repeated_alerts} alerts were received twice",
    },
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)

SPANISH: Final = Words(
    language="es",
    lights={Light.RED: "ROJO", Light.AMBER: "ÁMBAR", Light.GREEN: "VERDE", Light.GREY: "GRIS"},
    modelled="modelado",
    no_value="sin valor",
    counted="{met} de {of}",
    bounds="de {lower:.1f} a {upper:.1f} al {confidence:.0f} %",
    opening="{source}: del {first} al {until} a {speed:g} x, todo en esta máquina",
    sources={"replay": "vuelos reales", "simulator": "red simulada"},
    incident="con {incident}",
    effect="{incident}: cambió {flights} vuelos en {routes} rutas",
    injected="incidente simulado: {effect}",
    parts={
        "it died last time and could not save its state: lights and log begin empty": (
            "la vez pasada terminó sin guardar su estado: semáforos y bitácora empiezan vacíos"
        ),
        "template deployed": "plantilla instalada",
        "starting": "arrancando",
        "running": "en marcha",
        "cloud": "nube local",
        "KPI job": "cálculo de KPI",
        "booking system": "sistema de reservas",
        "history": "historial",
        "feeds": "entradas",
        "partner files and messages, flights table": "archivos y mensajes de socios, tabla de vuelos",
    },
    another_is_up="ya hay otra demo en marcha: se detiene, esta empieza desde cero",
    starting="arrancando",
    worst_routes="Las diez peores rutas al final",
    columns=("ruta", "semáforos", "peor KPI", "US$/h", "desde"),
    run="La corrida",
    figures={
        "speed": "velocidad",
        "flights_replayed": "vuelos reproducidos",
        "flights_in_data_set": "vuelos en los datos",
        "events_published": "eventos publicados",
        "events_consumed": "eventos procesados",
        "dead_letters": "mensajes rechazados",
        "late_events": "eventos tardíos",
        "duplicates": "duplicados",
        "events_lost": "eventos perdidos",
        "kpi_rows": "filas de KPI",
        "kpi_mismatches": "filas de KPI que no cuadran",
        "alerts_logged": "alertas en la bitácora",
        "alerts_received": "alertas recibidas",
        "latency_ms_p50": "latencia p50 en ms",
        "latency_ms_p99": "latencia p99 en ms",
        "seconds_to_first_alert": "segundos hasta la primera alerta",
        "seconds_total": "segundos en total",
    },
    stays_up="todo sigue en marcha: `make app` lo abre en el navegador, `python -m deploy local down` lo detiene",
    broken="promesa incumplida: {promise}",
    kept="se cumplieron todas las promesas; {path}",
    promises={
        "flights": "no se reprodujo ningún vuelo",
        "data_set": "se reprodujeron {flights_replayed} vuelos, los datos tienen {flights_in_data_set}",
        "accounted": "se publicaron {events_published} eventos y solo se sabe de {accounted}",
        "lost": "se perdieron {events_lost} eventos",
        "dead": "{dead_letters} mensajes rechazados de una fuente que solo manda eventos correctos",
        "late": "{late_events} eventos tardíos de una fuente que va en orden",
        "rows": "no salió ninguna fila de KPI",
        "mismatches": "{kpi_mismatches} filas de KPI difieren del cálculo por lotes",
        "alerts": "no se envió ninguna alerta",
        "missing": "{missing_alerts} alertas de la bitácora no llegaron",
        "repeated": "{repeated_alerts} alertas llegaron dos veces",
    },
    months=("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
)

WORDS: Final[dict[Language, Words]] = {"en": ENGLISH, "es": SPANISH}
