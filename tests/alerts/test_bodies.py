"""What a mailbox, a phone, a queue and a chat get; and that nothing in a field acts on them."""

import json

import msgspec
import pytest

from alerts.bodies import SMS_CHARACTERS, publication, slack_body, topic_arn_of
from alerts.messages import render
from alerts.routing import Receiver
from rules.rule import Words
from schemas.lights import Alert
from tests.alerts.samples import NOW, catalog, folded, row, rule

ARN = "arn:aws:sns:eu-west-1:1:semaforo-prod-alerts"
HOSTILE = '=HYPERLINK("http://x")\r\nBcc: all <!channel> <b>*bold*</b> & @SUM(A1)'


def alert(words: str = "Late arrivals") -> Alert:
    change = folded(
        row(0, 4), by=catalog(rule(title=Words(en=words, es=words), advice=Words(en=words, es=words)))
    ).changes[0]
    message = render(change, stage="demo", alert_id="a1")
    return Alert(
        alert_id="a1", stage="demo", transition=change.transition, subject=message.subject, text=message.text,
        text_es=message.text_es, decided_at=NOW, modelled=False,
    )  # fmt: skip


def bodies(one: Alert, receiver: Receiver) -> dict[str, str]:
    sent = publication(one, receiver)
    assert sent["MessageStructure"] == "json"
    decoded: dict[str, str] = json.loads(sent["Message"])
    return decoded


def test_a_mailbox_gets_words_a_phone_a_line_and_a_queue_the_record() -> None:
    got = bodies(alert(), Receiver())
    assert got["email"].startswith("RED JFK-LAX Late arrivals\n")
    assert "\n" not in got["sms"]
    assert len(got["sms"]) <= SMS_CHARACTERS
    assert msgspec.json.decode(got["default"], type=Alert) == alert()


def test_a_receiver_speaks_its_language() -> None:
    got = bodies(alert(), Receiver(language="es", format="text"))
    assert got["email"] == got["default"] == alert().text_es
    assert got["sms"].startswith("ROJO")


def test_a_chat_shows_every_character_and_obeys_none() -> None:
    got = json.loads(bodies(alert(HOSTILE), Receiver(format="slack"))["default"])
    assert {block["text"]["type"] for block in got["blocks"]} == {"plain_text"}
    assert got["mrkdwn"] is False
    assert "<" not in got["text"]
    assert slack_body("<!channel> & <@U1>", "")["text"] == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


@pytest.mark.parametrize("receiver", [Receiver(), Receiver(format="text"), Receiver(format="slack", language="es")])
def test_a_hostile_field_is_words_everywhere(receiver: Receiver) -> None:
    one = alert(HOSTILE)
    sent = publication(one, receiver)
    assert len(sent["Subject"]) <= 100
    assert all(" " <= character <= "~" for character in sent["Subject"])
    for text in (json.loads(sent["Message"])["email"], json.loads(sent["Message"])["sms"], one.text, one.text_es):
        assert "<" not in text
        assert "\r" not in text
        assert not any(line.startswith(("=", "+", "-", "@")) for line in text.split("\n"))
        assert not any(line.startswith("Bcc:") for line in text.split("\n"))


def test_long_text_fits_a_chat_and_sns() -> None:
    long = msgspec.structs.replace(alert(), text="é" * 60_000, text_es="é" * 60_000)
    got = json.loads(bodies(long, Receiver(format="slack"))["default"])
    assert all(len(block["text"]["text"]) <= 3_000 for block in got["blocks"])


def test_a_receivers_topic_is_a_neighbour_of_the_stages() -> None:
    assert topic_arn_of(Receiver(), ARN) == ARN
    assert topic_arn_of(Receiver(topic="duty"), ARN) == "arn:aws:sns:eu-west-1:1:semaforo-prod-duty"


def test_what_a_receiver_adds_stands_beside_the_attributes_of_the_alert() -> None:
    attributes = publication(alert(), Receiver(attributes={"desk": "=night\n"}))["MessageAttributes"]
    assert attributes["desk"]["StringValue"] == "'=night"
    assert len(attributes) <= 10
