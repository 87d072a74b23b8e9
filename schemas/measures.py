"""The additive measures: 64-bit integers that a KPI row carries for an entity and a trailing window.

Additive means that rows add up (route to airport to network, day to month) and that n travels with every ratio.
Each measure is counted once, when its fact is known: departures at departure, the rest when the flight closes
(arrived: at actual arrival; cancelled: when cancelled; diverted: at scheduled arrival). A correction contributes the
signed difference when it is known. The list is append-only: readers take measures by position.
"""

from typing import Final, Literal

import msgspec

Unit = Literal["count", "minutes", "seats", "passengers", "seat_km", "passenger_km", "kg_km", "us_cents", "kg"]
Group = Literal["flights", "delay", "capacity", "money", "fuel", "customer", "provenance"]
Record = Literal["FlightStatus", "FlightFinance", "FlightOperation", "PassengerFeedback"]


class Measure(msgspec.Struct, frozen=True):
    """One additive measure: `name` is the column, `record` the event it comes from, `counts` what it sums."""

    name: str
    unit: Unit
    group: Group
    record: Record
    counts: str


MEASURES: Final[tuple[Measure, ...]] = (
    # flights
    Measure("flights", "count", "flights", "FlightStatus", "flights closed: arrived, cancelled or diverted"),
    Measure("operated", "count", "flights", "FlightStatus", "flights closed that were not cancelled"),
    Measure("cancelled", "count", "flights", "FlightStatus", "flights cancelled"),
    Measure("diverted", "count", "flights", "FlightStatus", "flights that landed elsewhere"),
    Measure("arrivals", "count", "flights", "FlightStatus", "flights that arrived at their destination"),
    Measure("arrivals_on_time", "count", "flights", "FlightStatus", "arrivals < 15 min late (BTS A14)"),
    Measure("arrivals_within_30m", "count", "flights", "FlightStatus", "arrivals <= 30 min late (14 CFR 399.81(c))"),
    Measure("arrivals_within_1h", "count", "flights", "FlightStatus", "arrivals < 60 min late"),
    Measure("departures", "count", "flights", "FlightStatus", "departures, counted at actual departure"),
    Measure("departures_on_time", "count", "flights", "FlightStatus", "departures < 15 min late (BTS D15)"),
    Measure("arrival_delay_minutes", "minutes", "flights", "FlightStatus", "late part of arrivals"),
    Measure("departure_delay_minutes", "minutes", "flights", "FlightStatus", "late part of departures"),
    Measure("block_minutes", "minutes", "flights", "FlightStatus", "actual departure to actual arrival, arrivals"),
    Measure("scheduled_block_minutes", "minutes", "flights", "FlightStatus", "the same as scheduled, arrivals"),
    # delay minutes by cause, IATA groups, counted when the flight closes
    Measure("carrier_delay_minutes", "minutes", "delay", "FlightOperation", "airline's own causes"),
    Measure("weather_delay_minutes", "minutes", "delay", "FlightOperation", "weather"),
    Measure("airspace_delay_minutes", "minutes", "delay", "FlightOperation", "air traffic control, airport"),
    Measure("security_delay_minutes", "minutes", "delay", "FlightOperation", "security"),
    Measure("late_aircraft_delay_minutes", "minutes", "delay", "FlightOperation", "the aircraft came in late"),
    Measure("turnarounds", "count", "delay", "FlightOperation", "turnarounds completed"),
    Measure("turnaround_minutes", "minutes", "delay", "FlightOperation", "actual ground time of turnarounds"),
    Measure("scheduled_turnaround_minutes", "minutes", "delay", "FlightOperation", "planned ground time of the same"),
    Measure("connecting", "count", "delay", "FlightOperation", "passengers with a connection"),
    Measure("misconnected", "count", "delay", "FlightOperation", "passengers who missed it"),
    # capacity and traffic: flights performed, not cancelled ones (ICAO)
    Measure("seats", "seats", "capacity", "FlightStatus", "seats on operated flights"),
    Measure("passengers", "passengers", "capacity", "FlightStatus", "passengers on operated flights"),
    Measure("seat_km", "seat_km", "capacity", "FlightStatus", "seats x great-circle km (ASK)"),
    Measure("passenger_km", "passenger_km", "capacity", "FlightStatus", "passengers x great-circle km (RPK)"),
    Measure("cargo_kg_km", "kg_km", "capacity", "FlightStatus", "cargo kg x great-circle km"),
    # money, US$ cents
    Measure("ticket_revenue", "us_cents", "money", "FlightFinance", "fares"),
    Measure("ancillary_revenue", "us_cents", "money", "FlightFinance", "bags, seats, change fees"),
    Measure("cargo_revenue", "us_cents", "money", "FlightFinance", "belly cargo"),
    Measure("fuel_cost", "us_cents", "money", "FlightFinance", "fuel"),
    Measure("crew_cost", "us_cents", "money", "FlightFinance", "flight and cabin crew"),
    Measure("maintenance_cost", "us_cents", "money", "FlightFinance", "maintenance, with ownership"),
    Measure("airport_cost", "us_cents", "money", "FlightFinance", "landing, handling, navigation"),
    Measure("compensation_exposure", "us_cents", "money", "FlightFinance", "compensation owed by law for this flight"),
    Measure("fuel_kg", "kg", "fuel", "FlightFinance", "fuel burnt"),
    Measure("fuel_reference_kg", "kg", "fuel", "FlightFinance", "fuel OpenAP expects for the type and distance"),
    # customer
    Measure("responses", "count", "customer", "PassengerFeedback", "answers to the 1-5 question"),
    Measure("satisfied", "count", "customer", "PassengerFeedback", "answers 4 and 5"),
    Measure("nps_responses", "count", "customer", "PassengerFeedback", "answers to the 0-10 question"),
    Measure("promoters", "count", "customer", "PassengerFeedback", "answers 9 and 10"),
    Measure("detractors", "count", "customer", "PassengerFeedback", "answers 0 to 6"),
    Measure("complaints", "count", "customer", "PassengerFeedback", "complaints received"),
    # provenance: how much of the row was modelled, so that a modelled number is never shown as a fact
    Measure("modelled_traffic", "count", "provenance", "FlightStatus", "operated flights with modelled traffic"),
    Measure("modelled_money", "count", "provenance", "FlightFinance", "finance facts that are modelled"),
    Measure("modelled_operations", "count", "provenance", "FlightOperation", "operation facts that are modelled"),
)

MEASURE_NAMES: Final[tuple[str, ...]] = tuple(measure.name for measure in MEASURES)
POSITION: Final[dict[str, int]] = {name: position for position, name in enumerate(MEASURE_NAMES)}

# The measure that counts modelled facts behind the measures of a group.
MODELLED_BY: Final[dict[str, str]] = {
    **{m.name: "modelled_money" for m in MEASURES if m.record == "FlightFinance"},
    **{m.name: "modelled_operations" for m in MEASURES if m.record == "FlightOperation"},
    "passengers": "modelled_traffic",
    "passenger_km": "modelled_traffic",
    "cargo_kg_km": "modelled_traffic",
}
