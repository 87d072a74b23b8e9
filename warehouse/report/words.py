"""What the report says, in English and in Spanish as Mexican airlines speak it."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

Language = Literal["en", "es"]


def language_of(said: str) -> Language:
    """From "es", or what a system says of itself: `LANGUAGE` is also gettext's, as in "es_MX:es" and "en_US:en"."""
    return "es" if said[:2].lower() == "es" else "en"


class Words(NamedTuple):
    """Every text of the report in one language; those with braces are filled in."""

    language: Language
    title: str
    subject: str
    no_flights: str
    still_open: str
    headings: Mapping[str, str]
    figures: Mapping[str, str]
    columns: Mapping[str, str]
    causes: Mapping[str, str]
    lights: Mapping[str, str]
    modelled: str
    modelled_note: str
    not_known: str
    none: str
    unusual: str
    anomaly_note: str
    quality_note: str
    alert_note: str
    of: str
    hours_axis: str
    delay_axis: str
    minutes_axis: str
    more: str


ENGLISH: Final = Words(
    language="en",
    title="Network report, {day}",
    subject="Semaforo report {day}: {on_time} on time of {flights} flights, {reds} red alerts [{stage}]",
    no_flights="No flight of this date has closed: nothing can be said about the network.",
    still_open="{count} flights of this date have not closed yet and are not counted.",
    headings={
        "network": "Network",
        "causes": "Delay by cause",
        "hours": "Delay by hour of departure",
        "anomalies": "Against the same weekday",
        "alerts": "Alerts of the day",
        "alert_quality": "How good the alerts were",
        "routes": "Routes, worst first",
        "quality": "Data quality",
    },
    figures={
        "on_time_arrival_pct": "On-time arrival (A14), %",
        "on_time_departure_pct": "On-time departure (D15), %",
        "completion_pct": "Completion, %",
        "mean_arrival_delay_minutes": "Mean arrival delay, min",
        "load_factor_pct": "Load factor, %",
        "flights": "Flights",
        "cancelled": "Cancelled",
        "diverted": "Diverted",
        "revenue": "Revenue, US$",
        "cost": "Cost, US$",
        "margin": "Margin, %",
        "compensation": "Compensation at stake, US$",
        "events": "Events of the day",
        "late": "Late events (behind the watermark)",
        "dead_letters": "Refused messages (dead letters) of the day",
        "duplicates": "Duplicate events in raw, all days",
        "fresh": "Newest event of the day reached the brokers at",
    },
    columns={
        "route": "route", "flights": "flights", "on_time": "on time", "share": "A14 %", "cancelled": "cancelled",
        "delay": "mean delay, min", "load": "load %", "margin": "margin %", "lights": "lights of the day",
        "figure": "figure", "value": "day", "median": "median", "mad": "MAD", "n": "n", "away": "away",
        "light": "light", "entity": "where", "rule": "rule", "from": "from (UTC)", "until": "until (UTC)",
        "evidence": "evidence", "stake": "US$/h", "told": "told", "reds": "reds", "hours": "mean hours",
        "confirmed": "confirmed", "cause": "cause", "minutes": "minutes", "percent": "%", "topic": "topic",
        "offsets": "offsets", "missing": "missing", "repeated": "twice", "undecodable": "undecodable",
        "newest": "newest (UTC)", "partitions": "partitions", "reason": "reason",
    },
    causes={"carrier": "carrier", "weather": "weather", "airspace": "airspace", "security": "security",
            "late aircraft": "late aircraft"},
    lights={"RED": "red", "AMBER": "amber", "GREEN": "green", "GREY": "grey"},
    modelled="modelled",
    modelled_note="Modelled: worked out from published fares and costs, not observed.",
    not_known="not known",
    none="none",
    unusual="unusual",
    anomaly_note="Median and MAD of up to eight same weekdays before (n); unusual is more than 3.5 × 1.4826 MAD away."
    " With fewer than four such days nothing is said.",
    quality_note="Counted from the tables. Missing offsets lie between the first and the last that raw holds of a"
    " partition; transactions of producers take offsets too.",
    alert_note="Confirmed: the KPI of the 24 hours after the red was beyond the rule's red threshold.",
    of="{met} of {of}",
    hours_axis="scheduled hour of departure, local",
    delay_axis="mean departure delay, min",
    minutes_axis="minutes of delay",
    more="{count} more in report.json",
)  # fmt: skip

SPANISH: Final = Words(
    language="es",
    title="Reporte de la red, {day}",
    subject="Reporte Semaforo {day}: {on_time} a tiempo de {flights} vuelos, {reds} alertas rojas [{stage}]",
    no_flights="Ningún vuelo de esta fecha ha cerrado: no se puede decir nada de la red.",
    still_open="{count} vuelos de esta fecha aún no cierran y no se cuentan.",
    headings={
        "network": "La red",
        "causes": "Demora por causa",
        "hours": "Demora por hora de salida",
        "anomalies": "Frente al mismo día de la semana",
        "alerts": "Alertas del día",
        "alert_quality": "Qué tan buenas fueron las alertas",
        "routes": "Rutas, la peor primero",
        "quality": "Calidad de los datos",
    },
    figures={
        "on_time_arrival_pct": "Llegadas a tiempo (A14), %",
        "on_time_departure_pct": "Salidas a tiempo (D15), %",
        "completion_pct": "Vuelos realizados, %",
        "mean_arrival_delay_minutes": "Demora media de llegada, min",
        "load_factor_pct": "Factor de ocupación, %",
        "flights": "Vuelos",
        "cancelled": "Cancelados",
        "diverted": "Desviados",
        "revenue": "Ingresos, US$",
        "cost": "Costos, US$",
        "margin": "Margen, %",
        "compensation": "Compensaciones en juego, US$",
        "events": "Eventos del día",
        "late": "Eventos tardíos (detrás de la marca de agua)",
        "dead_letters": "Mensajes rechazados del día",
        "duplicates": "Eventos duplicados en los datos crudos, todos los días",
        "fresh": "El evento más nuevo del día llegó a los brokers",
    },
    columns={
        "route": "ruta", "flights": "vuelos", "on_time": "a tiempo", "share": "A14 %", "cancelled": "cancelados",
        "delay": "demora media, min", "load": "ocupación %", "margin": "margen %", "lights": "semáforos del día",
        "figure": "cifra", "value": "día", "median": "mediana", "mad": "MAD", "n": "n", "away": "distancia",
        "light": "semáforo", "entity": "dónde", "rule": "regla", "from": "desde (UTC)", "until": "hasta (UTC)",
        "evidence": "evidencia", "stake": "US$/h", "told": "avisadas", "reds": "rojos", "hours": "horas (media)",
        "confirmed": "confirmados", "cause": "causa", "minutes": "minutos", "percent": "%", "topic": "tópico",
        "offsets": "offsets", "missing": "faltan", "repeated": "dos veces", "undecodable": "ilegibles",
        "newest": "más nuevo (UTC)", "partitions": "particiones", "reason": "motivo",
    },
    causes={"carrier": "aerolínea", "weather": "clima", "airspace": "espacio aéreo", "security": "seguridad",
            "late aircraft": "avión tardío"},
    lights={"RED": "rojo", "AMBER": "ámbar", "GREEN": "verde", "GREY": "gris"},
    modelled="modelado",
    modelled_note="Modelado: calculado con tarifas y costos publicados, no observado.",
    not_known="no se sabe",
    none="ninguno",
    unusual="inusual",
    anomaly_note="Mediana y MAD de hasta ocho días iguales de la semana anteriores (n); inusual es a más de 3.5 ×"
    " 1.4826 MAD. Con menos de cuatro días no se dice nada.",
    quality_note="Contado en las tablas. Los offsets que faltan están entre el primero y el último que los datos crudos"
    " tienen de una partición; las transacciones de los productores también ocupan offsets.",
    alert_note="Confirmado: el KPI de las 24 horas después del rojo pasó el umbral rojo de la regla.",
    of="{met} de {of}",
    hours_axis="hora programada de salida, local",
    delay_axis="demora media de salida, min",
    minutes_axis="minutos de demora",
    more="{count} más en report.json",
)  # fmt: skip

WORDS: Final[dict[Language, Words]] = {"en": ENGLISH, "es": SPANISH}
