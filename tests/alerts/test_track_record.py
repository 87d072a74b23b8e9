"""What advice like it came to before, and how that is said."""

from alerts.advice import advice_publication
from alerts.track_record import Outcome, record_of
from tests.alerts.samples import START, advice


def outcome(number: int, realised_usd: float, realised_minutes: int, *, followed: bool = False) -> Outcome:
    """Predicted: US$ 300 and 30 minutes."""
    return Outcome(
        alert_id=str(number), route="MEX-CUN", at=START, answer="expired", followed=followed,
        predicted_usd=300.0, realised_usd=realised_usd, predicted_minutes=30, realised_minutes=realised_minutes,
    )  # fmt: skip


def test_a_record_counts_the_newest_twelve() -> None:
    old = [outcome(number, -1000.0, 0) for number in range(5)]
    # Nine saved 400 and 40 minutes, three cost 200 and 20: means of 250 and 25.
    new = [outcome(10 + number, 400.0, 40, followed=number < 4) for number in range(9)]
    record = record_of([*old, *new, *(outcome(20 + number, -200.0, -20) for number in range(3))])
    assert record is not None
    assert (record.outcomes, record.came_true, record.followed) == (12, 9, 4)
    assert (record.predicted_usd, record.realised_usd) == (300.0, 250.0)
    assert (record.predicted_minutes, record.realised_minutes) == (30.0, 25.0)
    said = "of the last 12 like it 9 came true: predicted US$ 300 and +30.0 min, realised 250 and +25.0 (4 followed)"
    assert record.words() == said
    told = str(advice_publication(advice(record=record), "prod")["Message"])
    assert said in told
    assert "de las últimas 12 como esta 9 se cumplieron" in told


def test_two_are_no_record() -> None:
    assert record_of([outcome(1, 400.0, 40), outcome(2, 400.0, 40)]) is None
