"""What the route's page says of what could be done."""

from typing import Final

ADVICE: Final[dict[str, tuple[str, str]]] = {
    "advice": ("What to do", "Qué hacer"),
    "no_advice": (
        "Nothing is advised about this route. Advice comes beside an alert, where this stage has the function for it "
        "and something would save money.",
        "No hay consejo para esta ruta. El consejo acompaña a una alerta, donde esta etapa tiene la función y algo "
        "ahorraría dinero.",
    ),
    "advice_rank": ("rank", "orden"),
    "advice_action": ("action", "acción"),
    "advice_saves": ("saves, expected", "ahorro esperado"),
    "advice_terms": ("of it, US$", "de ello, US$"),
    "advice_late": ("late without → with", "demora sin → con"),
    "advice_moved": ("if it is a tenth less … more, US$", "con una décima menos … más, US$"),
    "advice_binds": ("What binds: {why}.", "Qué limita: {why}."),
    "advice_runner_up": (
        "Runner-up: {action}, US$ {behind} less than the best.",
        "Segunda opción: {action}, US$ {behind} menos que la mejor.",
    ),
    "advice_demand": ("demand", "demanda"),
    "advice_best": ("best action", "mejor acción"),
    "advice_answer": ("Answer", "Respuesta"),
    "advice_before": ("Advised before", "Consejos anteriores"),
    "advice_help": (
        "Accept says that the first action is being done; reject that it will not be. The last answer counts.",
        "Aceptar dice que la primera acción se está haciendo; rechazar, que no se hará. Cuenta la última respuesta.",
    ),
    "advice_accept": ("Accept", "Aceptar"),
    "advice_reject": ("Reject", "Rechazar"),
    "advice_open": ("not answered yet", "sin respuesta todavía"),
    "advice_accepted": ("accepted", "aceptado"),
    "advice_rejected": ("rejected", "rechazado"),
    "advice_expired": ("expired: the last of its flights has left", "vencido: ya salió el último de sus vuelos"),
    "advice_came_to": (
        "It was followed: US$ {realised} saved where {predicted} were predicted.",
        "Se siguió: ahorró US$ {realised} donde se preveían {predicted}.",
    ),
    "advice_would_have": (
        "It was not followed: it would have saved US$ {realised} where {predicted} were predicted.",
        "No se siguió: habría ahorrado US$ {realised} donde se preveían {predicted}.",
    ),
    "advice_gone": (
        "The advice is gone, or somebody else answered at the same moment: look again.",
        "El consejo ya no está, o alguien más respondió en el mismo momento: mire de nuevo.",
    ),
    "term_fuel": ("fuel", "combustible"),
    "term_crew": ("crew", "tripulación"),
    "term_maintenance": ("maintenance", "mantenimiento"),
    "term_airport": ("airport", "aeropuerto"),
    "term_passengers": ("passengers", "pasajeros"),
    "term_spill": ("passengers without a seat", "pasajeros sin asiento"),
    "term_misconnections": ("missed connections", "conexiones perdidas"),
    "term_fares": ("fares lost", "tarifas perdidas"),
    "term_handling": ("change of plan", "cambio de plan"),
}
