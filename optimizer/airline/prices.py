"""What goes wrong costs: passengers who are late, stranded or without a seat.

No US law made an airline pay for a delay in 2013, so what passengers cost is a model and marked so: the airline's care,
rebooking and lost goodwill, an assumption of the order that Eurocontrol's handbooks print for a European airline
without its legal compensation (some US$ 0.2 to 0.5 a minute), flat below what people notice and capped where they
give up.
"""

from typing import Final

import msgspec

from optimizer.airline.fleet import FUEL_CENTS_PER_KG

LATE_MINUTES: Final = 15


class Prices(msgspec.Struct, frozen=True):
    """US$ cents. All but the fuel's are assumptions."""

    fuel_cents_per_kg: float = FUEL_CENTS_PER_KG
    late_cents_per_passenger_minute: int = 30
    """From LATE_MINUTES on."""
    late_at_once_cents: int = 300
    """Of each passenger who lands LATE_MINUTES late or more."""
    longest_minutes: int = 300
    """No delay costs a passenger more than this."""
    cancelled_passenger_cents: int = 15_000
    """Care, the seat on a later flight or a competitor's, goodwill; with the fares that are paid back and less what
    is not flown some US$ 150 a passenger."""
    flown_maintenance_share: float = 0.5
    """Of what an hour's maintenance costs, what is saved if a flight is cancelled: ownership is paid anyway, as are
    crews, but for the minutes that they are late."""
    lost_fares_share: float = 0.65
    """Of a cancelled flight's fares: three in ten passengers take their money back, and half of the others sit on later
    flights where somebody would have paid for the seat. An assumption; without it a long flight would be cancelled
    for its fuel alone."""
    misconnected_cents: int = 15_000
    """Care, often a night, the seat on a later flight."""
    rebooked_share: float = 0.5
    """Of passengers without a seat, who take another flight of the same airline; the others are lost with their
    fare."""
    swapped_cents: int = 15_000
    """Of each flight that another aircraft takes over: gate, bags, catering, crews' briefing."""
    retimed_cents: int = 5_000
    """Of each flight that is told to leave later than planned: people who are informed, gates."""

    def late_cents(self, minutes: float) -> int:
        """Of one passenger who lands so many minutes late."""
        if minutes < LATE_MINUTES:
            return 0
        beyond = min(minutes, self.longest_minutes) - LATE_MINUTES
        return self.late_at_once_cents + round(self.late_cents_per_passenger_minute * beyond)

    def cancelled_cents(self, passengers: int) -> int:
        """Of them, beside the fares that are paid back."""
        return passengers * self.cancelled_passenger_cents


TERMS: Final = ("fuel", "crew", "maintenance", "airport", "passengers", "spill", "misconnections", "fares", "handling")
"""What a change of plan costs or earns, each in cents: `fares` are those lost with cancelled flights, `passengers`
care and goodwill of the late and the stranded, `handling` the change itself."""


class Terms(msgspec.Struct, frozen=True):
    """Cents by term; positive is a cost."""

    fuel: int = 0
    crew: int = 0
    maintenance: int = 0
    airport: int = 0
    passengers: int = 0
    spill: int = 0
    misconnections: int = 0
    fares: int = 0
    handling: int = 0

    @property
    def total(self) -> int:
        """Of all terms."""
        return sum(getattr(self, name) for name in TERMS)

    def __add__(self, other: "Terms") -> "Terms":
        return Terms(*(getattr(self, name) + getattr(other, name) for name in TERMS))

    def __sub__(self, other: "Terms") -> "Terms":
        return Terms(*(getattr(self, name) - getattr(other, name) for name in TERMS))
