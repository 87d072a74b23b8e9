"""An alert as each kind of subscriber can use it: what goes into SNS's `MessageStructure=json`.

A mail shows its body as it comes, a phone has one line, a queue or function wants JSON, a chat wants its own JSON. SNS
sends all of them the same message unless it is told per protocol; so each publication carries three bodies: `email` and
`sms` for people, `default` in the receiver's format for the rest. Fields that speak for one subscriber in the JSON of
another would reach no mailbox. Slack itself does not confirm an SNS subscription: a webhook body is for a relay with
raw delivery in between.
"""

from typing import Any, Final

import msgspec

from alerts.messages import ascii_line, plain
from alerts.routing import Receiver
from alerts.selectors import severity_bucket
from schemas.lights import Alert, StageNotice
from schemas.rows import ends_of

SMS_CHARACTERS: Final = 140
"""An SMS has 140 bytes, and SNS cuts a longer one into several that are paid for each."""
SLACK_CHARACTERS: Final = 2_900
"""A Slack text object takes 3,000 characters ("Block Kit: text object"); longer ones are refused whole."""
_HEADER_CHARACTERS: Final = 150


def publication(message: Alert | StageNotice, receiver: Receiver) -> dict[str, Any]:
    """What SNS is asked to publish, for any topic."""
    text = message.text if receiver.language == "en" else message.text_es
    bodies = {
        "default": _body(message, receiver, text),
        "email": text,
        "sms": ascii_line(text.partition("\n")[0] if receiver.language == "es" else message.subject, SMS_CHARACTERS),
    }
    return {
        "Subject": message.subject,
        "MessageStructure": "json",
        "Message": msgspec.json.encode(bodies).decode(),
        "MessageAttributes": message_attributes(message)
        | {name: _text(plain(value)) for name, value in receiver.attributes.items()},
    }


def topic_arn_of(receiver: Receiver, stage_topic_arn: str) -> str:
    """The stage's own topic, or its neighbour by name: "…:semaforo-prod-alerts" beside "…:semaforo-prod-duty"."""
    if not receiver.topic:
        return stage_topic_arn
    return f"{stage_topic_arn.rpartition('-')[0]}-{receiver.topic}"


def slack_body(subject: str, text: str) -> dict[str, Any]:
    """A webhook body. Plain-text objects show every character as it is: no mention, no link, no bold comes of them."""
    return {
        "text": subject.translate(_SLACK_ESCAPES),
        "mrkdwn": False,
        "blocks": [
            {"type": "header", "text": _slack_text(subject, _HEADER_CHARACTERS)},
            {"type": "section", "text": _slack_text(text, SLACK_CHARACTERS)},
        ],
    }


def message_attributes(message: Alert | StageNotice) -> dict[str, Any]:
    """What filter policies look at; nine at most, `routing.py` says why. All else they find in the JSON body."""
    if isinstance(message, StageNotice):
        attributes = {"scope": _text("stage"), "light": _text("GREY"), "rule": _text("outage")}
    else:
        transition = message.transition
        usd_per_hour = message.group.usd_per_hour if message.group else transition.severity.usd_per_hour
        attributes = {
            "scope": _text(transition.scope),
            "light": _text(transition.to_light.value),
            "rule": _text(transition.rule),
            transition.scope: _text(transition.entity),
            "severity": _text(severity_bucket(usd_per_hour)),
        }
        if transition.scope == "route":
            attributes["airports"] = _list(ends_of(transition.entity))
    if message.audience:
        attributes["audience"] = _list(message.audience)
    return {"alert_id": _text(message.alert_id), "kind": _text(message.kind), **attributes}


def _body(message: Alert | StageNotice, receiver: Receiver, text: str) -> str:
    if receiver.format == "text":
        return text
    body = slack_body(message.subject, text) if receiver.format == "slack" else message
    return msgspec.json.encode(body).decode()


def _slack_text(text: str, most: int) -> dict[str, Any]:
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    return {"type": "plain_text", "text": shown, "emoji": False}


_SLACK_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def _list(values: tuple[str, ...] | list[str]) -> dict[str, str]:
    return {"DataType": "String.Array", "StringValue": msgspec.json.encode(list(values)).decode()}
