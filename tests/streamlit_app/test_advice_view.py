"""What the route's page says of advice: its answer, whatever it is, and what it and those like it came to."""

from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from alerts.advice import Advice, AdvisedAction, Answer
from alerts.track_record import Outcome, TrackRecord
from schemas.lights import Light
from streamlit_app.settings import Language
from streamlit_app.views.advice import answer_text, explained, moved_text
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
    came, before = explained(msgspec.structs.replace(ADVICE, outcome=CAME, record=BEFORE), speech("en"))
    assert "not followed: it would have saved US$ -310 where 1,240 were predicted" in str(came)
    assert "Of the last 12 like it 9 came true" in str(before)
    assert "De las últimas 12" in str(explained(msgspec.structs.replace(ADVICE, record=BEFORE), speech("es"))[0])
    assert explained(ADVICE, speech("en")) == []


def test_what_binds_and_the_runner_up_come_first_in_either_language() -> None:
    second = msgspec.structs.replace(SWAP, words="cancel 1", words_es="cancelar 1", saves_usd=900.0)
    given = msgspec.structs.replace(
        ADVICE, actions=(SWAP, second), binding="no other", binding_es="ninguna otra", outcome=CAME
    )
    english, spanish = ([str(line) for line in explained(given, speech(language))] for language in get_args(Language))
    assert "What binds: no other." in english[0]
    assert "Runner-up: cancel 1, US$ 340 less than the best." in english[1]
    assert "not followed" in english[2]
    assert "Qué limita: ninguna otra." in spanish[0]
    assert "Segunda opción: cancelar 1, US$ 340 menos" in spanish[1]
    kept_before = msgspec.structs.replace(given, binding_es="")
    assert "no other" in str(explained(kept_before, speech("es"))[0]), "advice of before has English alone"


def test_how_it_moves_with_demand_and_fuel() -> None:
    moved = {"fuel_more": 1_230.4, "fuel_less": 1_249.6, "demand_more": 1_370.0, "demand_less": -20.0}
    text = moved_text(msgspec.structs.replace(SWAP, moved_usd=moved), speech("en"))
    assert text == "demand -20 … 1,370, fuel 1,250 … 1,230"
    assert moved_text(SWAP, speech("es")) == ""
