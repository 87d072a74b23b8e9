"""What the route's page says of single flights."""

from typing import Final

FLIGHTS: Final[dict[str, tuple[str, str]]] = {
    "flights_behind": ("Flights behind it", "Los vuelos detrás"),
    "no_flights_kept": (
        "This stage keeps no single flights: the table comes with the partners' feeds.",
        "Esta etapa no guarda vuelos uno por uno: la tabla llega con los sistemas de socios.",
    ),
    "flight": ("flight", "vuelo"),
    "scheduled": ("scheduled", "programado"),
    "flight_state": ("state", "estado"),
    "flight_scheduled": ("scheduled", "programado"),
    "flight_departed": ("departed", "salió"),
    "flight_arrived": ("arrived", "llegó"),
    "flight_cancelled": ("cancelled", "cancelado"),
    "flight_diverted": ("diverted", "desviado"),
    "late_out": ("left", "salida"),
    "late_in": ("landed", "llegada"),
    "tail": ("aircraft", "avión"),
    "passengers_seats": ("passengers / seats", "pasajeros / asientos"),
}
