"""What the route's page says of advice: its answer, whatever it is, and what it and those like it came to."""

from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from alerts.advice import Advice, AdvisedAction, Answer
from alerts.track_record import Outcome, TrackRecord
from schemas.lights import Light
from streamlit_app.settings import Language
from streamlit_app.views.advice import answer_text, track_record
from streamlit_app.words import speech

AT = datetime(2013, 2, 8, 18, tzinfo=UTC)
SWAP = AdvisedAction("swap_tails", ("1", "2"), "swap", "intercambiar", 1_240.0, {"passengers": 1_240.0}, 90, 12)
ADVICE = Advice(
    alert_id="a1", route="JFK-LAX", light=Light.RED, rule="on_time_arrival", at=AT, given_at=AT, audience=(),
    actions=(SWAP,), modelled=True,
)  # fmt: skip
CAME = Outcome(
    alert_id="a1", route="JFK-LAX", at=AT, answer="expired", followed=False, predicted_usd=1_240, realised_usd=-310,
    predicted_minutes=78, realised_minutes=-20,
)  # fmt: skip
BEFORE = TrackRecord(
    outcomes=12, came_true=9, followed=2, predicted_usd=4_200, realised_usd=3_100, predicted_minutes=4.2,
    realised_minutes=3.1,
)  # fmt: skip


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("answer", get_args(Answer))
def test_every_answer_has_words(answer: Answer, language: Language) -> None:
    assert answer_text(msgspec.structs.replace(ADVICE, answer=answer), speech(language))


def test_what_it_came_to_stands_before_what_others_did() -> None:
    came, before = track_record(msgspec.structs.replace(ADVICE, outcome=CAME, record=BEFORE), speech("en"))
    assert "not followed: it would have saved US$ -310 where 1,240 were predicted" in str(came)
    assert "Of the last 12 like it 9 came true" in str(before)
    assert "De las últimas 12" in str(track_record(msgspec.structs.replace(ADVICE, record=BEFORE), speech("es"))[0])
    assert track_record(ADVICE, speech("en")) == []
