"""Every text of the app, in English and in Spanish as Mexican airlines speak it. Those with braces are filled in.

KPIs, rules and messages bring their own words (`schemas/kpis.py`, rule files, `alerts/messages.py`).
"""

import re
from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.messages import WORDS as ALERT_WORDS
from rules.durations import format_duration
from rules.rule import Rule
from schemas.kpis import KPIS, Kpi
from schemas.lights import Light
from streamlit_app.reason_es import reason_es
from streamlit_app.settings import Language
from streamlit_app.texts.advice import ADVICE
from streamlit_app.texts.flights import FLIGHTS
from streamlit_app.texts.history import HISTORY
from streamlit_app.texts.operations import OPERATIONS
from streamlit_app.texts.questions import COLUMNS, QUESTIONS
from streamlit_app.texts.rules_page import RULES
from streamlit_app.texts.tableau import TABLEAU

_KPI_NAMES: Final = re.compile(rf"\b({'|'.join(name for name in KPIS if '_' in name)})\b")


class Speech(msgspec.Struct, frozen=True):
    """One language. `say["board"]`, `say("since", at=…)`."""

    language: Language

    def __getitem__(self, key: str) -> str:
        """KeyError for a text nobody wrote."""
        return _TEXTS[key][0 if self.language == "en" else 1]

    def __call__(self, key: str, **fields: object) -> str:
        return self[key].format(**fields)

    def light(self, light: Light) -> str:
        return ALERT_WORDS[self.language][light]

    def window(self, window: str) -> str:
        """ "last 24 h"."""
        return ALERT_WORDS[self.language][window]

    def kpi(self, kpi: Kpi) -> str:
        return kpi.title if self.language == "en" else kpi.title_es

    def rule(self, rule: Rule | None, rule_id: str) -> str:
        """Its title; the id of a rule that is no longer there."""
        if rule is None:
            return rule_id
        return rule.title.en if self.language == "en" else rule.title.es

    def advice(self, rule: Rule) -> str:
        return rule.advice.en if self.language == "en" else rule.advice.es

    def reason(self, reason: str) -> str:
        """Why a light is what it is, as the log has it, in the reader's words."""
        said = reason if self.language == "en" else reason_es(reason)
        return _KPI_NAMES.sub(lambda found: self.kpi(KPIS[found[0]]), said).replace("_", " ")

    def question(self, name: str) -> str:
        """The title of a named question."""
        return QUESTIONS[name][0 if self.language == "en" else 1]

    def column(self, name: str) -> str:
        """What a column of an answer holds, with its unit."""
        return COLUMNS[name][0 if self.language == "en" else 1]

    def age(self, length: timedelta) -> str:
        """ "3h20m", to the minute; less is "under a minute"."""
        minutes = max(timedelta(), length) // timedelta(minutes=1)
        return format_duration(timedelta(minutes=minutes)) if minutes else self["moments"]

    def usd_per_hour(self, usd: float, modelled: bool = False) -> str:
        mark = f" {self['modelled']}" if modelled else ""
        return f"US$ {usd:,.0f}/h{mark}"

    def day(self, at: datetime) -> str:
        """ "8 Feb 2013"."""
        return f"{at.day} {self['months'].split()[at.month - 1]} {at.year}"


_TEXTS: Final[dict[str, tuple[str, str]]] = {
    # pages and what stands around them
    "title": ("Semáforo", "Semáforo"),
    "board": ("Board", "Tablero"),
    "route": ("Route", "Ruta"),
    "alerts": ("Alerts", "Alertas"),
    "status": ("Status page", "Página de estado"),
    "audit": ("Audit", "Auditoría"),
    "language": ("Language", "Idioma"),
    "you_are": ("{name}, {role}", "{name}, {role}"),
    "viewer": ("viewer", "consulta"),
    "operator": ("operator", "operación"),
    "admin": ("administrator", "administración"),
    "sign_in": ("Sign in", "Iniciar sesión"),
    "sign_out": ("Sign out", "Cerrar sesión"),
    "sign_in_why": ("Semáforo shows lights to people it knows.", "Semáforo muestra los semáforos a quien conoce."),
    "no_role": (
        "You are signed in as {name}, who has no role in Semáforo. Ask whoever manages your account for one, "
        "then sign out and in again.",
        "Ha iniciado sesión como {name}, que no tiene función en Semáforo. Pídala a quien administra su cuenta; "
        "después cierre la sesión y vuelva a iniciarla.",
    ),
    "not_allowed": ("Your role does not allow this.", "Su función no permite esto."),
    "moments": ("under a minute", "menos de un minuto"),
    "modelled": ("(modelled)", "(modelado)"),
    "months": ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "ene feb mar abr may jun jul ago sep oct nov dic"),
    # how fresh
    "fresh": ("Read {age} s ago", "Leído hace {age} s"),
    "newest": ("data up to {at}", "datos hasta {at}"),
    "stale": (
        "This page has heard nothing for {age} s: what it shows may be old. It goes on by itself once the server "
        "answers.",
        "Esta página no recibe nada desde hace {age} s: lo que muestra puede ser viejo. Sigue sola cuando el "
        "servidor responda.",
    ),
    "stale_store": (
        "The server has not been able to read the lights for {age} s: what this page shows is old.",
        "El servidor no ha podido leer los semáforos desde hace {age} s: lo que muestra esta página es viejo.",
    ),
    # when there is nothing to show
    "no_store": ("The tables do not answer", "Las tablas no responden"),
    "no_store_why": (
        "Semáforo keeps trying and goes on by itself. On one machine, `make local-up` starts the stack; in "
        "AWS, look at "
        "the app's rights and at DynamoDB.",
        "Semáforo sigue intentando y continúa solo. En una máquina, `make local-up` inicia el sistema; en AWS, revise "
        "los permisos de la aplicación y DynamoDB.",
    ),
    "busy_store": ("The tables are throttled", "Las tablas limitan las consultas"),
    "busy_store_why": (
        "DynamoDB is asked for more than it serves at once. It passes by itself, and this page goes on then; if it "
        "lasts, look at the tables' throttled requests and at who asks.",
        "Se le pide a DynamoDB más de lo que atiende a la vez. Pasa solo, y esta página continúa entonces; si dura, "
        "revise las solicitudes limitadas de las tablas y quién pregunta.",
    ),
    "no_table": ("This stage has no such tables here", "Esta etapa no tiene esas tablas aquí"),
    "no_table_why": (
        "SEMAFORO_STAGE names the stage, AWS_ENDPOINT_URL where it is. `make demo KEEP=1` makes one on this machine.",
        "SEMAFORO_STAGE nombra la etapa y AWS_ENDPOINT_URL dónde está. `make demo KEEP=1` crea una en esta máquina.",
    ),
    "no_rows": ("No light yet", "Aún no hay semáforos"),
    "no_rows_why": (
        "The tables are there and empty: no KPI row has been judged in this stage. `make demo KEEP=1` replays real "
        "flights; live, look at the KPI job and the stream.",
        "Las tablas existen y están vacías: en esta etapa aún no se ha evaluado ningún renglón de KPI. `make "
        "demo KEEP=1` "
        "reproduce vuelos reales; en vivo, revise el proceso de KPI y el flujo.",
    ),
    "reading": ("Reading the lights …", "Leyendo los semáforos …"),
    "again": ("Try again", "Intentar de nuevo"),
    "detail": ("What they said", "Lo que dijeron"),
    # board
    "airport": ("Airport", "Aeropuerto"),
    "carrier": ("Carrier", "Aerolínea"),
    "light": ("Light", "Semáforo"),
    "rule": ("Rule", "Regla"),
    "audience": ("Audience", "Destinatarios"),
    "all": ("all", "todos"),
    "filters": ("Filters", "Filtros"),
    "no_match": ("No route matches these filters.", "Ninguna ruta cumple estos filtros."),
    "routes_of": ("routes", "rutas"),
    "need_you": (
        "{red} red, {amber} amber of {routes} routes",
        "{red} en rojo y {amber} en ámbar de {routes} rutas",
    ),
    "nobody_needs": ("No route is in trouble", "Ninguna ruta tiene problemas"),
    "at_stake": ("at stake", "en juego"),
    "since": ("since", "desde"),
    "data_of": ("data of", "datos de"),
    "acknowledged_by": ("taken on by {by}", "atendida por {by}"),
    "silenced": ("silenced", "silenciada"),
    "map": ("Map of the routes, coloured by light", "Mapa de las rutas, por color de semáforo"),
    "unknown_rules": ("{count} of {of} rules lack evidence", "{count} de {of} reglas sin evidencia suficiente"),
    # route
    "choose_route": ("Route, airport or carrier", "Ruta, aeropuerto o aerolínea"),
    "choose_route_why": (
        "Choose one to see its lights, what to do about them, its money, delays and flights.",
        "Elija uno para ver sus luces, qué hacer con ellas, su dinero, sus retrasos y sus vuelos.",
    ),
    "unknown_entity": ("Nothing is known of {entity} in this stage.", "En esta etapa no se sabe nada de {entity}."),
    "lights": ("Lights", "Semáforos"),
    "kpis": ("KPIs", "KPI"),
    "kpi": ("KPI", "KPI"),
    "value": ("value", "valor"),
    "terms": ("numerator / denominator", "numerador / denominador"),
    "window": ("window", "ventana"),
    "timeline": ("Timeline", "Línea de tiempo"),
    "no_trend": (
        "No line yet: it is read off the KPI stream, one point in half an hour of event time, and begins "
        "{hours} h before "
        "the app did.",
        "Aún no hay línea: se lee del flujo de KPI, un punto por media hora de tiempo de evento, y empieza "
        "{hours} h antes "
        "que la aplicación.",
    ),
    "changes": ("Changes", "Cambios"),
    "event_time": ("event time", "hora del evento"),
    "from_to": ("light", "semáforo"),
    "reason": ("reason", "motivo"),
    "threshold_amber": ("amber", "ámbar"),
    "threshold_red": ("red", "rojo"),
    "risk": ("risk of a bad stretch", "riesgo de un mal periodo"),
    "economics": ("Economics", "Economía"),
    "causes": ("Causes of delay", "Causas de demora"),
    "minutes": ("minutes", "minutos"),
    "carrier_delay_minutes": ("airline", "aerolínea"),
    "weather_delay_minutes": ("weather", "meteorología"),
    "airspace_delay_minutes": ("airspace", "espacio aéreo"),
    "security_delay_minutes": ("security", "seguridad"),
    "late_aircraft_delay_minutes": ("late aircraft", "avión tardío"),
    "no_delay": ("No minute of delay in this window.", "Ningún minuto de demora en esta ventana."),
    "flown_by": ("flown by", "operada por"),
    "download": ("Download as CSV", "Descargar como CSV"),
    # alerts
    "standing": ("Standing", "Vigentes"),
    "told": ("Told", "Avisadas"),
    "held": ("Held back", "Retenidas"),
    "silences": ("Silences", "Silencios"),
    "nothing_here": ("Nothing here.", "Nada por aquí."),
    "unturned": ("none of its lights had changed by then", "ninguna de sus luces había cambiado hasta entonces"),
    "choose_alert": ("Choose an alert to see why, and to act.", "Elija una alerta para ver el porqué y actuar."),
    "unknown_alert": ("No alert {id} in this stage.", "No existe la alerta {id} en esta etapa."),
    "message": ("Message", "Mensaje"),
    "as_sent": ("as sent", "como se envió"),
    "as_would": ("as it would be sent", "como se enviaría"),
    "why": ("Why was I (not) told?", "¿Por qué (no) me avisaron?"),
    "explained": ("All of it, as the log tells it", "Todo, como lo cuenta la bitácora"),
    "members": ("Lights of this storm", "Semáforos de esta tormenta"),
    "runbook": ("Runbook", "Guía"),
    "no_runbook": ("The runbook {path} is not on this machine.", "La guía {path} no está en esta máquina."),
    "acknowledge": ("Acknowledge", "Atender"),
    "acknowledge_help": (
        "No repeats and no escalation till it worsens or ends.",
        "Sin repeticiones ni escalamiento hasta que empeore o termine.",
    ),
    "snooze": ("Snooze", "Posponer"),
    "snooze_help": ("If it still stands then, it is told again.", "Si sigue vigente entonces, se avisa de nuevo."),
    "silence": ("Silence", "Silenciar"),
    "silence_help": (
        "All that match go to nobody till then; what still stands is told at the end.",
        "Lo que coincida no llega a nadie hasta entonces; lo que siga vigente se avisa al final.",
    ),
    "unsilence": ("End it now", "Terminar ahora"),
    "comment": ("Why", "Por qué"),
    "comment_needed": ("Say why: it stands in the log.", "Diga por qué: queda en la bitácora."),
    "for_how_long": ("For how long", "Por cuánto tiempo"),
    "match": ("What to silence", "Qué silenciar"),
    "match_light": ("this rule on {entity}", "esta regla en {entity}"),
    "match_entity": ("all of {entity}", "todo {entity}"),
    "match_airport": ("airport {airport} and its routes", "aeropuerto {airport} y sus rutas"),
    "match_rule": ("this rule everywhere", "esta regla en todas partes"),
    "done_acknowledge": ("{what} is taken on by {by}.", "{what} queda atendida por {by}."),
    "done_snooze": ("{what} is put off until {until}.", "{what} queda pospuesta hasta {until}."),
    "done_silence": ("Silenced until {until}: {what}", "Silenciado hasta {until}: {what}"),
    "done_unsilence": ("{what} is over.", "{what} terminó."),
    "no_alarm": ("No alarm stands there any more.", "Ya no hay ninguna alarma vigente ahí."),
    "until": ("until", "hasta"),
    "by": ("by", "por"),
    "sent": ("sent", "enviada"),
    "pending": ("waits to be sent", "espera envío"),
    "viewer_hint": ("Viewers see and do not act.", "Consulta ve, pero no actúa."),
    # audit
    "day": ("Day (UTC)", "Día (UTC)"),
    "who": ("who", "quién"),
    "action": ("what", "qué"),
    "outcome": ("outcome", "resultado"),
    "at": ("at", "a las"),
    # status page
    "status_title": ("Status of {stage}", "Estado de {stage}"),
    "print_hint": ("Made to be printed: one page.", "Hecha para imprimirse: una página."),
    "more_airports": ("{count} more airports", "{count} aeropuertos más"),
    "more_routes": ("{count} more routes in alarm", "{count} rutas más en alarma"),
    **ADVICE,
    **FLIGHTS,
    **HISTORY,
    **RULES,
    **OPERATIONS,
    **TABLEAU,
}  # fmt: skip
"""Key to English and Spanish."""


def speech(language: str | None, otherwise: Language = "en") -> Speech:
    """The language somebody asked for; another than ours is `otherwise`."""
    return Speech("es" if language == "es" else "en" if language == "en" else otherwise)


TEXTS: Final = tuple(_TEXTS)
