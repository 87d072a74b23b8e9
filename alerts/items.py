"""Table items to and from records. Attributes the app and the console filter on stand beside the compact ones.

`lights`     one item per entity: `kept` (the states of all rules, the newest row of each window and the rows kept of an
             airport, packed as on the stream; compressed JSON), with `lights` (rule to light), `worst`,
             `usd_per_hour`, `modelled`, `at` beside it.
`light-log`  one item per transition: it, the row and the rule behind it, the decisions about it, when it was sent.
             Beside them, under "storm#…" and "stage#…", what was said of storms and outages, with the full lists.
`outbox`     one item per alert, sent or to be sent: `outbox.py`.
`delivery`   what is remembered between the two: `documents.py`.
"""

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from alerts.decide import Decision
from alerts.entity import ALARMS, Change, EntityLights, Episode, RuleLight
from alerts.settings import AlertSettings
from rules.basis import Basis, decode_basis, encode_basis
from rules.rule import Rule
from schemas.lights import Light, Transition
from schemas.rows import KpiRow, Scope, rows_json, unpack_rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]
else:
    Item = dict

_FASTEST: Final = 1
"""Of zlib's levels. The states of fourteen rules are 13 KB of JSON that says much twice: 2 KB in 0.1 ms. DynamoDB bills
each KB written, and a batch of a hundred entities is a megabyte less to send."""

_kept_encoder = msgspec.json.Encoder()
_kept_decoder = msgspec.json.Decoder(tuple[dict[str, RuleLight], msgspec.Raw, msgspec.Raw])
_transition_decoder = msgspec.json.Decoder(Transition)
_rule_decoder = msgspec.json.Decoder(Rule)


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the light log: all it takes to make the same decision again, and what came of it.

    `decisions` are (instant, action, reason), oldest first; `held_by` names what held it back at first.
    """

    alert_id: str
    transition: Transition
    row: KpiRow
    rule: Rule
    decisions: list[tuple[str, str, str]]
    decided_at: datetime
    sent_at: datetime | None = None
    episode: Episode | None = None
    held_by: str = ""
    basis: Basis | None = None


def lights_item(lights: EntityLights) -> Item:
    """The item of an entity."""
    return {
        "entity": {"S": lights.key},
        "scope": {"S": lights.scope},
        "name": {"S": lights.name},
        **_moving(lights),
        **_shown(lights),
    }


def changed_attributes(before: EntityLights, after: EntityLights) -> Item:
    """What a write changes in the stored item of `before`: where no light changes, three attributes of ten.

    Each attribute costs the local cloud as much as a small call, for it reads the statement word by word.
    """
    shown = _shown(before)
    return {**_moving(after), **{name: value for name, value in _shown(after).items() if shown[name] != value}}


def _moving(lights: EntityLights) -> Item:
    """What every row changes."""
    newest_at = max((row.at for row in lights.rows.values()), default=None)
    kept = lights.rules, msgspec.Raw(rows_json(lights.rows.values())), msgspec.Raw(rows_json(lights.history))
    return {
        "version": {"N": str(lights.version)},
        "at": {"S": newest_at.isoformat() if newest_at else ""},
        "kept": {"B": zlib.compress(_kept_encoder.encode(kept), _FASTEST)},
    }


def _shown(lights: EntityLights) -> Item:
    """What people filter on."""
    states = [light.state for light in lights.rules.values()]
    at_stake = [s.severity.usd_per_hour for s in states if s.severity is not None and s.light in ALARMS]
    return {
        "worst": {"S": lights.worst.value},
        "lights": {"M": {rule: {"S": light.state.light.value} for rule, light in lights.rules.items()}},
        # Rules of one entity look at the same trouble: the largest stake counts, not their sum. Whole US$: a number as
        # DynamoDB writes it back, so that a repeated transaction is the same text for whoever compares it.
        "usd_per_hour": {"N": f"{max(at_stake, default=0.0):.0f}"},
        "modelled": {"BOOL": any(s.evidence is not None and s.evidence.modelled for s in states)},
    }


READ: Final[dict[str, Any]] = {
    "ProjectionExpression": "entity, #version, kept",
    "ExpressionAttributeNames": {"#version": "version"},
}
"""What `read_lights` needs of an item. The SDK takes an answer apart value by value, and a light by its name for every
rule is four fifths of them."""


def entity_place(key: str) -> Item:
    """The key of an entity's item ("route#JFK-LAX")."""
    return {"entity": {"S": key}}


def read_lights(item: Mapping[str, Any]) -> EntityLights:
    """The entity of an item."""
    scope, _, name = item["entity"]["S"].partition("#")
    rules, rows, history = _kept_decoder.decode(zlib.decompress(item["kept"]["B"]))
    return EntityLights(
        scope=cast(Scope, scope),
        name=name,
        version=int(item["version"]["N"]),
        rules=rules,
        rows={row.window: row for row in unpack_rows(bytes(rows))},
        history=tuple(unpack_rows(bytes(history))),
    )


def log_sk(transition: Transition) -> str:
    """Sorts by event time; the rule and the light tell apart what happened at the same instant."""
    return log_sk_of(transition.at, transition.rule, transition.to_light)


def log_sk_of(at: datetime, rule: str, light: Light) -> str:
    """The sort key of the log entry of what a rule made of a light at an instant."""
    return f"{at.isoformat()}#{rule}#{light}"


def log_item(change: Change, decision: Decision, now: datetime, amended: Sequence[str] = ()) -> Item:
    """The log entry of a transition, decided at `now`; `amended`: corrected rows of the batch that left it as it is."""
    transition = change.transition
    decisions = [decision_attribute(now, decision.action.value, decision.reason)]
    decisions += [decision_attribute(now, "amended", reason) for reason in amended]
    item: Item = {
        "entity": {"S": f"{transition.scope}#{transition.entity}"},
        "sk": {"S": log_sk(transition)},
        "alert_id": {"S": transition.alert_id},
        "rule": {"S": transition.rule},
        "light": {"S": transition.to_light.value},
        "at": {"S": transition.at.isoformat()},
        "ingested_at": {"S": transition.ingested_at.isoformat()},
        "decided_at": {"S": now.isoformat()},
        "decision": {"S": decision.action.value},
        "reason": {"S": decision.reason},
        "held_by": {"S": decision.by},
        "decisions": {"L": decisions},
        "transition": {"S": msgspec.json.encode(transition).decode()},
        "row": {"S": rows_json([change.row]).decode()},
        "rule_file": {"S": msgspec.json.encode(change.rule).decode()},
    }
    if change.basis is not None:
        item["basis"] = {"S": encode_basis(change.basis)}
    if change.episode is not None:
        item["episode"] = {"S": msgspec.json.encode(change.episode).decode()}
    return item


def decision_attribute(at: datetime, action: str, reason: str) -> Any:
    """One entry of a log entry's `decisions`."""
    return {"L": [{"S": at.isoformat()}, {"S": action}, {"S": reason}]}


def read_log_entry(item: Mapping[str, Any]) -> LogEntry:
    """The log entry of an item."""
    episode = item.get("episode")
    return LogEntry(
        alert_id=item["alert_id"]["S"],
        transition=_transition_decoder.decode(item["transition"]["S"]),
        row=unpack_rows(item["row"]["S"].encode())[0],
        rule=_rule_decoder.decode(item["rule_file"]["S"]),
        decisions=[(d["L"][0]["S"], d["L"][1]["S"], d["L"][2]["S"]) for d in item["decisions"]["L"]],
        decided_at=datetime.fromisoformat(item["decided_at"]["S"]),
        sent_at=datetime.fromisoformat(item["sent_at"]["S"]) if "sent_at" in item else None,
        episode=msgspec.json.decode(episode["S"], type=Episode) if episode else None,
        held_by=item.get("held_by", {}).get("S", ""),
        basis=decode_basis(item["basis"]["S"]) if "basis" in item else None,
    )


def decision_update(key: Item, at: datetime, action: str, reason: str, settings: AlertSettings) -> Any:
    """One more decision in a log entry, as part of a transaction."""
    return {
        "Update": {
            "TableName": settings.light_log_table,
            "Key": key,
            "UpdateExpression": "SET decisions = list_append(if_not_exists(decisions, :none), :said)",
            "ExpressionAttributeValues": {":none": {"L": []}, ":said": {"L": [decision_attribute(at, action, reason)]}},
        }
    }
