"""What the history page says, and how it calls what the questions answer."""

from typing import Final

HISTORY: Final[dict[str, tuple[str, str]]] = {
    "history": ("History", "Historia"),
    "question": ("Question", "Pregunta"),
    "as_of": ("The board as it stood", "El tablero como estaba"),
    "dates": ("Dates of flights", "Fechas de vuelos"),
    "dates_needed": ("Choose a first and a last date.", "Elija la primera y la última fecha."),
    "measure": ("What is drawn", "Qué se dibuja"),
    "download_parquet": ("Download as Parquet", "Descargar como Parquet"),
    "no_answer": ("Nothing between {first} and {last}.", "Nada entre {first} y {last}."),
    "first_rows": (
        "The first {count} of {rows} rows; downloads have all.",
        "Los primeros {count} de {rows} renglones; las descargas los tienen todos.",
    ),
    "modelled_answer": (
        "{count} flights behind this are modelled, not known.",
        "{count} vuelos detrás de esto son modelados, no conocidos.",
    ),
    "no_star": ("There is no history to ask yet", "Todavía no hay historia que consultar"),
    "no_star_why": (
        "The star is built from what was kept. On one machine `make history` replays real flights and builds it; "
        "`.venv/bin/python -m warehouse daily` builds it from what a running stack keeps. SEMAFORO_STAR_PATH says "
        "where it lies. In AWS it is in Redshift, which this page does not ask.",
        "La estrella se construye de lo guardado. En una máquina, `make history` reproduce vuelos reales y la "
        "construye; `.venv/bin/python -m warehouse daily` la construye de lo que guarda un sistema en marcha. "
        "SEMAFORO_STAR_PATH dice dónde está. En AWS está en Redshift, que esta página no consulta.",
    ),
    "no_lights_kept": (
        "This star holds no light: it was built of flights alone.",
        "Esta estrella no guarda semáforos: se construyó solo de vuelos.",
    ),
    "moment": ("Time of day (UTC)", "Hora del día (UTC)"),
    "stood_at": ("As it stood at {at}", "Como estaba a las {at}"),
    "as_live": (
        "Only what was known by then counts.",
        "Solo cuenta lo que ya se sabía entonces.",
    ),
    "as_replay": (
        "A replay: what had been processed when the first later row came counts.",
        "Una reproducción: cuenta lo procesado cuando llegó el primer renglón posterior.",
    ),
    "no_light_by_then": ("No light was decided by then.", "Para entonces no se había decidido ningún semáforo."),
    "bridge_result_before": ("result before", "resultado anterior"),
    "bridge_volume": ("volume", "volumen"),
    "bridge_load": ("load", "ocupación"),
    "bridge_price": ("price", "precio"),
    "bridge_other_revenue": ("other revenue", "otros ingresos"),
    "bridge_fuel_burn": ("fuel burn", "consumo"),
    "bridge_fuel_price": ("fuel price", "precio del combustible"),
    "bridge_other_cost": ("other cost", "otros costos"),
    "bridge_result_now": ("result now", "resultado actual"),
}
