"""The weather at the ends of a route, as its topic last told it."""

from typing import Final

import streamlit as st

from alerts.entity import EntityLights
from schemas.events import AirportWeather
from schemas.rows import ends_of
from streamlit_app.airports import airport, instant_text
from streamlit_app.inert import element, together
from streamlit_app.session import View
from streamlit_app.tables import table

FIELDS: Final = (
    ("temperature_c", "°C"), ("wind_kt", "kt"), ("gust_kt", "kt"), ("wind_direction_deg", "°"),
    ("visibility_km", "km"), ("precipitation_mm", "mm"), ("pressure_hpa", "hPa"),
)  # fmt: skip
"""Of `AirportWeather`, each with its unit."""


def draw(view: View, one: EntityLights) -> None:
    """A line an airport; of a carrier nothing."""
    if one.scope == "carrier":
        return
    say = view.say
    found, problem = view.stage.weather(view.actor)
    observed = [found[code] for code in ends_of(one.name) if code in found]
    heading = element("h2", say["weather"])
    if not observed:
        why = f"{say['no_weather_read']}: {problem}" if problem else say["no_weather"]
        st.html(together([heading, element("p", why)]))
        return
    rows = [
        [_place(seen), instant_text(seen.observed_at, seen.airport), *(_value(seen, *field) for field in FIELDS)]
        for seen in observed
    ]
    head = [say["airport"], say["observed"], *(say[f"weather_{name}"] for name, _ in FIELDS)]
    st.html(together([heading, table(head, rows, numbers=range(2, len(head)))]))


def _place(seen: AirportWeather) -> str:
    place = airport(seen.airport)
    return f"{seen.airport} {place.city}" if place else seen.airport


def _value(seen: AirportWeather, name: str, unit: str) -> str:
    value: float | None = getattr(seen, name)
    return "–" if value is None else f"{value:,.1f} {unit}"
