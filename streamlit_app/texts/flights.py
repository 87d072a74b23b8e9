"""What the route's page says of single flights, of their aircraft and of the weather."""

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
    "rotation": ("Where the aircraft come from", "De dónde vienen los aviones"),
    "rotation_help": (
        "The legs that each aircraft flew before, with the delay at landing. What is expected of a flight that has not "
        "left is when its aircraft can be ready, and no more: no weather, no crew.",
        "Los tramos que cada avión voló antes, con la demora al llegar. De un vuelo que no ha salido se espera cuándo "
        "puede estar listo su avión, y nada más: ni meteorología ni tripulación.",
    ),
    "legs_before": ("legs before", "tramos anteriores"),
    "no_leg_before": ("none known", "ninguno conocido"),
    "expected_by_aircraft": ("expected, by its aircraft", "esperado, por su avión"),
    "forecast": ("What is going to be late", "Lo que llegará tarde"),
    "forecast_help": (
        "Chance to land 15 minutes late or more, to be cancelled or diverted, by model {version}: it knows the flights "
        "here and their aircraft, no weather. Fitted to real flights from New York before {until}; on those after, "
        "two hours ahead, log-loss {log_loss}, AUC {auc}. On another network it was not judged.",
        "Probabilidad de llegar 15 minutos tarde o más, de cancelarse o desviarse, según el modelo {version}: conoce "
        "los vuelos de aquí y sus aviones, no la meteorología. Ajustado con vuelos reales de Nueva York anteriores a "
        "{until}; con los posteriores, dos horas antes, log-loss {log_loss}, AUC {auc}. En otra red no se ha medido.",
    ),
    "forecast_chance": ("chance to be late", "probabilidad de retraso"),
    "forecast_middle": ("landing, median", "llegada, mediana"),
    "forecast_span": ("landing, 8 in 10", "llegada, 8 de cada 10"),
    "weather": ("Weather", "Meteorología"),
    "observed": ("hour observed", "hora observada"),
    "no_weather": (
        "No weather of these airports stands on its topic.",
        "En el tópico no hay meteorología de estos aeropuertos.",
    ),
    "no_weather_read": ("The weather cannot be read off its topic", "No se puede leer la meteorología de su tópico"),
    "weather_temperature_c": ("temperature", "temperatura"),
    "weather_wind_kt": ("wind", "viento"),
    "weather_gust_kt": ("gusts", "ráfagas"),
    "weather_wind_direction_deg": ("from", "desde"),
    "weather_visibility_km": ("visibility", "visibilidad"),
    "weather_precipitation_mm": ("precipitation", "precipitación"),
    "weather_pressure_hpa": ("pressure", "presión"),
}
