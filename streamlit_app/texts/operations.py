"""What the page of operations says."""

from typing import Final

OPERATIONS: Final[dict[str, tuple[str, str]]] = {
    "operations": ("Operations", "Operaciones"),
    "pipeline": ("How the pipeline does", "Cómo va el proceso"),
    "source": ("from", "de"),
    "unknown": ("not known", "no se sabe"),
    "fact_latency": ("event to alert, p50 / p99", "del evento al aviso, p50 / p99"),
    "fact_judged": ("newest row judged reached the brokers", "el renglón más nuevo evaluado llegó a los brokers"),
    "fact_checkpoint": (
        "KPI job last got further (checkpoint)",
        "último avance del proceso de KPI (checkpoint)",
    ),
    "fact_rows": (
        "KPI rows off the stream since the app started",
        "renglones de KPI leídos desde que la app inició",
    ),
    "fact_waiting": ("alerts that wait to be sent", "alertas que esperan envío"),
    "fact_function_age_ms": ("semáforo function behind its stream", "la función semáforo va atrás de su flujo"),
    "fact_function_errors": ("errors of the semáforo function, 1 min", "errores de la función semáforo, 1 min"),
    "fact_quarantined": ("records in quarantine, 1 min", "registros en cuarentena, 1 min"),
    "fact_cost": (
        "cost so far this month, the whole account",
        "costo de este mes hasta ahora, toda la cuenta",
    ),
    "no_cost": (
        "AWS tells no charges here: on one machine there are none, in an account billing alerts are to be switched on",
        "AWS no informa cargos aquí: en una máquina no los hay, en una cuenta hay que activar las alertas de "
        "facturación",
    ),
    "no_alert_sent": ("no alert was sent", "no se envió ninguna alerta"),
    "no_row_judged": ("no row was judged", "no se evaluó ningún renglón"),
    "no_checkpoint_seen": (
        "none since the page was opened, or nothing to read",
        "ninguno desde que se abrió la página, o nada que leer",
    ),
    "no_metric": ("CloudWatch has no figure here", "CloudWatch no tiene cifra aquí"),
    "ago": ("{age} ago", "hace {age}"),
    "topics": ("Topics", "Tópicos"),
    "topic": ("topic", "tópico"),
    "kept": ("kept", "guardados"),
    "written": ("ever written", "escritos en total"),
    "per_second": ("in per s", "entran por s"),
    "lag": ("KPI job behind, messages", "atraso del proceso de KPI, mensajes"),
    "no_brokers": ("The brokers do not answer the app", "Los brokers no responden a la aplicación"),
    "dead_letters": ("Dead letters", "Mensajes rechazados"),
    "late_events": ("Late events", "Eventos tardíos"),
    "position": ("partition / offset", "partición / posición"),
    "record": ("record", "registro"),
    "decoded": ("The message", "El mensaje"),
    "newest_of": (
        "The newest {count}, read when the page was opened.",
        "Los {count} más nuevos, leídos al abrir la página.",
    ),
}
"""Cost of AWS is in no store of ours."""
