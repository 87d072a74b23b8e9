"""What advice came to, by hand: the world that was, and the one that would have been."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from alerts.advice import Advice, AdvisedAction
from lambdas.advice_outcomes import at_least, outcome_of
from optimizer.airline.prices import Prices
from optimizer.live.advise import advise
from optimizer.live.flight import LiveFlight
from tests.alerts.samples import advice
from tests.optimizer.live.test_advise import FLIGHTS, INBOUND, flight

OVER = datetime.fromtimestamp(1500 * 60, tz=UTC)
# N1 landed at 740 after all, so it was ready at 785, and its flight of 720 would have left 65 minutes late.
LANDED = msgspec.structs.replace(INBOUND, arrived_minute=740)


def swap() -> Advice:
    """N2 was to take the flight of 720 as N1 was expected 105 minutes late: US$ 4,432.50."""
    (best, *_) = advise(FLIGHTS, "JFK-LAX", 660, Prices())
    assert (best.kind, best.saves_cents, best.late_minutes) == ("swap_tails", 443_250, 105)
    action = AdvisedAction(best.kind, best.flights, "", "", best.saves_cents / 100, {}, 105, 0, ("N1", "N2"))
    return advice("JFK-LAX", actions=(action,), answer="accepted")


@pytest.mark.parametrize("followed", [True, False])
def test_a_swap_is_measured_by_the_arrivals_that_came(followed: bool) -> None:
    tails = ("N2", "N1") if followed else ("N1", "N2")
    leaves = 720 if followed else 785
    came = [
        LANDED,
        flight("B6-2", 720, tails[0], departed_minute=leaves, arrived_minute=leaves + 120),
        flight("B6-3", 860, tails[1], destination="MCO", departed_minute=860, arrived_minute=980),
    ]
    outcome = outcome_of(swap(), came, OVER)
    assert outcome is not None
    assert (outcome.followed, outcome.answer, outcome.came_true) == (followed, "accepted", True)
    assert (outcome.predicted_minutes, outcome.realised_minutes) == (105, 65)
    # 100 passengers 65 minutes late at US$ 3 + 50 x 0.30, 65 crew minutes at US$ 16.50, less two flights changed.
    assert (outcome.predicted_usd, outcome.realised_usd) == (4432.50, 1800 + 1072.50 - 300)


def test_it_would_have_cost_more_than_it_saved() -> None:
    """N1 made up all its time: nothing to save, and two flights changed."""
    on_time = msgspec.structs.replace(INBOUND, arrived_minute=660)
    came = [
        on_time,
        flight("B6-2", 720, "N1", departed_minute=720, arrived_minute=840),
        flight("B6-3", 860, "N2", destination="MCO", departed_minute=860, arrived_minute=980),
    ]
    outcome = outcome_of(swap(), came, OVER)
    assert outcome is not None
    assert (outcome.came_true, outcome.realised_usd, outcome.realised_minutes) == (False, -300.0, 0)


def test_what_is_not_over_is_not_measured() -> None:
    flying = flight("B6-2", 720, "N2", departed_minute=720)
    landed = flight("B6-3", 860, "N1", departed_minute=860, arrived_minute=980)
    assert outcome_of(swap(), [LANDED, flying, landed], OVER) is None
    assert outcome_of(swap(), [LANDED, landed], OVER) is None, "nobody reports the other flight"


def test_a_flight_that_was_cancelled_would_have_kept_its_aircraft() -> None:
    """As everything else came as expected, it saved what was expected: the next flight's wait for the aircraft."""
    inbound = flight("B6-1", 560, "N1", "BOS", "JFK", departed_minute=860)
    few = flight("B6-2", 720, "N1", passengers=5)
    following = flight("B6-4", 1040, "N1", passengers=150)
    best = advise([inbound, few, following], "JFK-LAX", 660, Prices())[0]
    action = AdvisedAction("cancel", ("B6-2",), "", "", best.saves_cents / 100, {}, 305, 305, ("N1",))
    given = advice("JFK-LAX", actions=(action,), answer="rejected")

    def came(gone: LiveFlight) -> list[LiveFlight]:
        there = msgspec.structs.replace(inbound, arrived_minute=980)
        return [there, gone, msgspec.structs.replace(following, departed_minute=1040, arrived_minute=1160)]

    outcome = outcome_of(given, came(msgspec.structs.replace(few, flies=False)), OVER)
    assert outcome is not None
    assert (outcome.followed, outcome.answer) == (True, "rejected"), "whatever was answered, it was done"
    assert outcome.realised_usd == outcome.predicted_usd > 0


def test_event_time_has_passed_as_far_as_the_clock_has_since_advice_was_given() -> None:
    """Given 40 s after its light: a quarter of an hour later it is as long after the light, be that of 2013."""
    given = advice(at=OVER, given_at=OVER + timedelta(days=4000, seconds=40))
    assert at_least(given.given_at + timedelta(minutes=15))(given) == OVER + timedelta(minutes=15)
    assert at_least(given.given_at - timedelta(minutes=1))(given) == OVER, "another machine's clock is behind"
